package io.telemetry.boot.channel;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

import io.telemetry.signal.Kind;
import io.telemetry.signal.Level;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of an event: the part of its signal that a {@link BrowserEventMapper} may
 * change. Immutable.
 *
 * @param kind the signal's kind
 * @param level its level
 * @param id its id, such as {@code browser/click}
 * @param namespace its namespace, such as {@code browser.click}
 * @param message its message
 * @param data fields that are added to the event's own, or stand in for them. Fields that
 * tell who the sender is and when the event came keep the server's values.
 */
public record BrowserSignal(Kind kind, Level level, String id, String namespace, String message,
		Map<String, @Nullable Object> data) {

	public BrowserSignal {
		Objects.requireNonNull(kind, "kind");
		Objects.requireNonNull(level, "level");
		Objects.requireNonNull(id, "id");
		Objects.requireNonNull(namespace, "namespace");
		Objects.requireNonNull(message, "message");
		data = data.isEmpty() ? Map.of() : Collections.unmodifiableMap(new LinkedHashMap<>(data));
	}

	/**
	 * The same of another kind.
	 * @param kind the signal's kind
	 * @return a copy
	 */
	public BrowserSignal withKind(Kind kind) {
		return new BrowserSignal(kind, this.level, this.id, this.namespace, this.message, this.data);
	}

	/**
	 * The same at another level.
	 * @param level the signal's level
	 * @return a copy
	 */
	public BrowserSignal withLevel(Level level) {
		return new BrowserSignal(this.kind, level, this.id, this.namespace, this.message, this.data);
	}

	/**
	 * The same under another id. Make ids from a fixed set of names: filters, limits and
	 * statistics know signals by them.
	 * @param id the signal's id
	 * @return a copy
	 */
	public BrowserSignal withId(String id) {
		return new BrowserSignal(this.kind, this.level, id, this.namespace, this.message, this.data);
	}

	/**
	 * The same in another namespace. Make namespaces from a fixed set of names.
	 * @param namespace the signal's namespace
	 * @return a copy
	 */
	public BrowserSignal withNamespace(String namespace) {
		return new BrowserSignal(this.kind, this.level, this.id, namespace, this.message, this.data);
	}

	/**
	 * The same with another message.
	 * @param message the signal's message
	 * @return a copy
	 */
	public BrowserSignal withMessage(String message) {
		return new BrowserSignal(this.kind, this.level, this.id, this.namespace, message, this.data);
	}

	/**
	 * The same with one more field.
	 * @param name its name
	 * @param value its value
	 * @return a copy
	 */
	public BrowserSignal withData(String name, @Nullable Object value) {
		Map<String, @Nullable Object> more = new LinkedHashMap<>(this.data);
		more.put(name, value);
		return new BrowserSignal(this.kind, this.level, this.id, this.namespace, this.message, more);
	}

}
