package io.telemetry.boot.channel.caller;

import java.security.Principal;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * What a road knows of the request behind a connection or a POST. What is read here is as
 * the client sent it, not bounded and not checked, unless said otherwise.
 * <p>
 * A connection asks again when its client says who it is, after the request is over: what
 * stands for a handshake has to be a copy.
 */
public interface CallerRequest {

	/**
	 * The user whom the server has authenticated.
	 * @return the principal, {@code null} where there is none
	 */
	@Nullable Principal principal();

	/**
	 * The address of the peer, as the container sees it.
	 * @return an IP address, {@code null} where it is not known
	 */
	@Nullable String remoteAddress();

	/**
	 * All values of a header, in the order in which they came.
	 * @param name the name of the header, in any case
	 * @return its values, empty where there are none
	 */
	List<String> headers(String name);

	/**
	 * A header. One that was sent several times is one value with commas, so that where
	 * one value is expected several are none.
	 * @param name the name of the header, in any case
	 * @return its value, {@code null} where it was not sent
	 */
	default @Nullable String header(String name) {
		List<String> values = headers(name);
		return switch (values.size()) {
			case 0 -> null;
			case 1 -> values.get(0);
			default -> String.join(", ", values);
		};
	}

	/**
	 * The query, not decoded.
	 * @return what follows the question mark, or {@code null} without one
	 */
	@Nullable String query();

	/**
	 * The first value of a parameter of the query, decoded. Parameters of a body don't
	 * count.
	 * @param name the name of the parameter
	 * @return its first value, {@code null} where there is none
	 */
	default @Nullable String queryParameter(String name) {
		return QueryParameters.first(query(), name);
	}

	/**
	 * What a part of the server has left with the request. Asked for only while the
	 * request is being handled.
	 * @param name the name of the attribute
	 * @return its value, {@code null} where there is none
	 */
	default @Nullable Object attribute(String name) {
		return null;
	}

}
