package io.telemetry.boot.channel;

import java.util.Map;

import io.telemetry.boot.channel.caller.Application;
import io.telemetry.boot.channel.caller.Caller;
import org.jspecify.annotations.Nullable;

/**
 * Who a batch is from, as the server sees it: what events carry and can't override.
 *
 * @param sessionId the session
 * @param userId the user
 * @param connectionId the connection, where there is one
 * @param claimedUserId the user the client says it is, where the server does not believe
 * it
 * @param application the front end whose key the client gave, where it gave one
 * @param clientAddress the client's address, as far as it is to be shown
 * @param userAgent the client's browser, as far as it is known
 */
record Identity(String sessionId, String userId, @Nullable String connectionId, @Nullable String claimedUserId,
		@Nullable String application, @Nullable String clientAddress, Map<String, String> userAgent) {

	static Identity of(String sessionId, String userId, @Nullable String connectionId, Caller caller) {
		Application application = caller.application();
		return new Identity(sessionId, userId, connectionId, caller.claimedUserId(),
				application.isDefault() ? null : application.name(), caller.address().shown(), caller.userAgent());
	}

}
