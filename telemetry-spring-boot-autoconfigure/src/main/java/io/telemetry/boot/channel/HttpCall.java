package io.telemetry.boot.channel;

import io.telemetry.boot.channel.caller.CallerRequest;
import org.jspecify.annotations.Nullable;

/**
 * What a request says beside its body, whichever server it came through. Good for as long
 * as the request is, on any one thread at a time.
 */
public interface HttpCall extends CallerRequest {

	/**
	 * The method, as it was sent.
	 * @return such as {@code POST}
	 */
	String method();

	/**
	 * The length that the request says its body has.
	 * @return bytes, or -1 where it does not say
	 */
	long contentLength();

	/**
	 * How the client reached the application.
	 * @return {@code http} or {@code https}
	 */
	String scheme();

	/**
	 * The name by which the client reached the application.
	 * @return a name or an address, that of IPv6 in brackets; {@code null} where unknown
	 */
	@Nullable String host();

	/**
	 * The port by which the client reached the application.
	 * @return a port, or -1 for the scheme's own
	 */
	int port();

}
