package io.telemetry.boot.channel;

import org.jspecify.annotations.Nullable;

import org.springframework.web.cors.CorsConfiguration;

/**
 * What answers at one address, whichever server the application runs on. Safe for several
 * threads.
 */
public interface HttpResource {

	/**
	 * Whether {@link #begin(HttpCall)} may have to wait for something (a token's keys,
	 * say), so that an event loop must not call it.
	 * @param call the request
	 * @return {@code false} if it won't block for this request
	 */
	default boolean mayBlock(HttpCall call) {
		return false;
	}

	/**
	 * Looks at what a request says beside its body.
	 * @param call the request
	 * @return an answer, or what takes the body
	 */
	HttpReply begin(HttpCall call);

	/**
	 * What preflight requests are told. Whether the request itself is allowed is up to
	 * {@link #begin(HttpCall)}, because a refusal is to be counted and to say why.
	 * @param call the preflight request
	 * @return origins, methods and headers, or {@code null} for none
	 */
	default @Nullable CorsConfiguration cors(HttpCall call) {
		return null;
	}

}
