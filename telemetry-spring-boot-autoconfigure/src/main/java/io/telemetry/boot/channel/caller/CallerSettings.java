package io.telemetry.boot.channel.caller;

import java.util.regex.Pattern;

import io.telemetry.boot.InvalidSettingException;
import org.jspecify.annotations.Nullable;

/**
 * Whom the channel believes. Immutable.
 *
 * @param handshakeParameter the parameter of the query whose value is believed to be the
 * user id; {@code null} for none
 * @param trustClient whether the user id is believed that a client claims
 * @param authenticationRequired whether clients are refused that have proved nothing
 */
public record CallerSettings(@Nullable String handshakeParameter, boolean trustClient, boolean authenticationRequired) {

	/** What is in force where nothing is set. */
	public static final CallerSettings DEFAULTS = new CallerSettings(null, false, false);

	private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,64}");

	public CallerSettings {
		if (handshakeParameter != null
				&& (!NAME.matcher(handshakeParameter).matches() || handshakeParameter.equals(Applications.PARAMETER))) {
			throw new InvalidSettingException("user-id.handshake-parameter", handshakeParameter,
					"must be 1 to 64 letters, digits, '.', '_' and '-', and not '" + Applications.PARAMETER + "'");
		}
	}

}
