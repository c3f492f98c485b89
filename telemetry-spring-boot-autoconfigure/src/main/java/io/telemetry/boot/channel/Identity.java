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
 * @param caller everything else that is known of the client
 */
record Identity(String sessionId, String userId, @Nullable String connectionId, Caller caller) {

	/**
	 * The user the client says it is, where the server does not believe it.
	 */
	@Nullable String claimedUserId() {
		return this.caller.claimedUserId();
	}

	/**
	 * The front end whose key the client gave, where it gave one.
	 */
	@Nullable String application() {
		Application application = this.caller.application();
		return application.isDefault() ? null : application.name();
	}

	/**
	 * The client's address, as far as it is to be shown.
	 */
	@Nullable String clientAddress() {
		return this.caller.address().shown();
	}

	/**
	 * The client's browser, as far as it is known.
	 */
	Map<String, String> userAgent() {
		return this.caller.userAgent();
	}

}
