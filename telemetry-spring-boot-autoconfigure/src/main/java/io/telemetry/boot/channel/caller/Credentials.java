package io.telemetry.boot.channel.caller;

import org.jspecify.annotations.Nullable;

/**
 * What a client brings to tell who it is, beside the request itself. As it was sent; what
 * is checked of it is checked by {@link Callers}.
 *
 * @param authorization the {@code Authorization} header of CONNECT; {@code null} where
 * that of the request counts
 * @param ticket a ticket, from CONNECT or a batch
 * @param claimedUserId the user that the client says it is, from CONNECT or a batch
 */
public record Credentials(@Nullable String authorization, @Nullable String ticket, @Nullable String claimedUserId) {

	/** Nothing beside the request. */
	public static final Credentials NONE = new Credentials(null, null, null);

	/**
	 * Without token and ticket, which are good for whoever reads them.
	 */
	@Override
	public String toString() {
		return "Credentials[claimedUserId=" + this.claimedUserId + "]";
	}

}
