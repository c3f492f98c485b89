package io.telemetry.boot.channel;

import java.time.Instant;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * An event as a browser sent it and the server received it: what a
 * {@link BrowserEventMapper} decides by.
 *
 * @param type what the browser says it is, such as {@code error}
 * @param subtype the same more exactly, such as {@code javascript}
 * @param fields the event's own fields under their names in the contract; can't be
 * changed. Everything in them comes from outside, but for the {@code rating} of a web
 * vital that came without one.
 * @param sessionId the session
 * @param userId the user, as the server sees it
 * @param application the front end whose key the client gave, where it gave one
 * @param received when it was received
 */
public record BrowserEvent(@Nullable String type, @Nullable String subtype, Map<String, @Nullable Object> fields,
		String sessionId, String userId, @Nullable String application, Instant received) {

	/**
	 * A field that is a text.
	 * @param name its name
	 * @return its value, or {@code null} where there is none or it is no text
	 */
	public @Nullable String text(String name) {
		return (this.fields.get(name) instanceof String text) ? text : null;
	}

	/**
	 * A field that is a number.
	 * @param name its name
	 * @return its value, or {@code null} where there is none or it is no number
	 */
	public @Nullable Number number(String name) {
		return (this.fields.get(name) instanceof Number number) ? number : null;
	}

}
