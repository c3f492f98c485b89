package io.telemetry.boot.channel.caller;

import org.jspecify.annotations.Nullable;

/**
 * What is known of a client before it is decided who it is. Token and ticket have been
 * verified; the request's principal is the server's own; all else of the request is what
 * the client says.
 *
 * @param request the request behind the connection or the POST
 * @param application the front end
 * @param token what its bearer token says, where it has one
 * @param ticket what its ticket says, where it has one
 */
public record Evidence(CallerRequest request, Application application, @Nullable VerifiedToken token,
		@Nullable VerifiedTicket ticket) {
}
