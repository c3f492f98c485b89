package io.telemetry.boot.channel.caller;

import org.jspecify.annotations.Nullable;

/**
 * Says which user a client is, before the channel decides it by itself: for applications
 * whose user ids are not the names of their principals. Beans of this type are asked in
 * their order; the first answer counts.
 * <p>
 * Is called by several threads at once, once for a connection and once for a POST, on
 * threads that may wait. What it throws refuses the client and is reported as an error.
 */
@FunctionalInterface
public interface UserIdResolver {

	/**
	 * The user behind a client.
	 * @param evidence what has been verified, and the request
	 * @return a user id, which is believed; {@code null} to go on as usual
	 */
	@Nullable String resolve(Evidence evidence);

}
