package io.telemetry.boot.channel.caller;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;

import org.jspecify.annotations.Nullable;

/**
 * The token that a client has to show at CONNECT.
 *
 * @param headerName the header of CONNECT in which it is expected
 * @param token the token
 */
public record CsrfExpectation(String headerName, String token) {

	private static final int MAX_LENGTH = 1024;

	private static final SecureRandom RANDOM = new SecureRandom();

	/**
	 * Whether a client shows the token: as it is, as scripts read it from a cookie, or
	 * masked, as Spring Security renders it into pages: base64url of random bytes and of
	 * the token's bytes combined with them. Takes as long for a wrong token as for the
	 * right one.
	 * @param shown the value of the header; {@code null} where there is none
	 * @return whether it is the token
	 */
	public boolean isMetBy(@Nullable String shown) {
		if (shown == null || shown.length() > MAX_LENGTH) {
			return false;
		}
		byte[] expected = this.token.getBytes(StandardCharsets.UTF_8);
		return MessageDigest.isEqual(expected, shown.getBytes(StandardCharsets.UTF_8))
				|| MessageDigest.isEqual(expected, unmasked(shown, expected.length));
	}

	/**
	 * The token as it may stand in an answer: another text each time, so that its
	 * compressed length tells nothing of it.
	 * @return the token, masked as Spring Security does it
	 */
	public String masked() {
		byte[] token = this.token.getBytes(StandardCharsets.UTF_8);
		byte[] mask = new byte[token.length];
		RANDOM.nextBytes(mask);
		byte[] both = Arrays.copyOf(mask, 2 * token.length);
		for (int i = 0; i < token.length; i++) {
			both[token.length + i] = (byte) (mask[i] ^ token[i]);
		}
		return Base64.getUrlEncoder().encodeToString(both);
	}

	private static byte @Nullable [] unmasked(String shown, int length) {
		byte[] bytes;
		try {
			bytes = Base64.getUrlDecoder().decode(shown);
		}
		catch (IllegalArgumentException ex) {
			return null;
		}
		if (bytes.length != 2 * length) {
			return null;
		}
		byte[] token = new byte[length];
		for (int i = 0; i < length; i++) {
			token[i] = (byte) (bytes[i] ^ bytes[length + i]);
		}
		return token;
	}

	/**
	 * Without the token, which is nobody's business.
	 */
	@Override
	public String toString() {
		return "CsrfExpectation[headerName=" + this.headerName + "]";
	}

}
