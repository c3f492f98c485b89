package io.telemetry.boot.channel.security;

import java.time.Duration;

import io.telemetry.boot.channel.caller.TokenRejectedException;
import io.telemetry.boot.channel.caller.TokenVerifier;
import io.telemetry.boot.channel.caller.VerifiedToken;
import org.jspecify.annotations.Nullable;

import org.springframework.security.oauth2.jwt.BadJwtException;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.security.oauth2.jwt.JwtDecoder;
import org.springframework.security.oauth2.jwt.ReactiveJwtDecoder;

/**
 * Verifies bearer tokens with what the application's own resource server verifies them
 * with. The user is the subject ({@code sub}).
 */
public final class JwtTokenVerifier implements TokenVerifier {

	private static final Duration PATIENCE = Duration.ofSeconds(10);

	private final JwtDecoder decoder;

	/**
	 * A verifier that asks a decoder.
	 * @param decoder decodes and checks tokens
	 */
	public JwtTokenVerifier(JwtDecoder decoder) {
		this.decoder = decoder;
	}

	/**
	 * A verifier that asks the decoder of a reactive application, and waits for it: not
	 * to be called on a thread that must not wait.
	 * @param decoder decodes and checks tokens
	 * @return the verifier
	 */
	public static JwtTokenVerifier waitingFor(ReactiveJwtDecoder decoder) {
		return new JwtTokenVerifier((token) -> {
			Jwt jwt = decoder.decode(token).block(PATIENCE);
			if (jwt == null) {
				throw new BadJwtException("the decoder made nothing of the token");
			}
			return jwt;
		});
	}

	@Override
	public VerifiedToken verify(String token) throws TokenRejectedException {
		Jwt jwt;
		try {
			jwt = this.decoder.decode(token);
		}
		catch (BadJwtException ex) {
			throw new TokenRejectedException(String.valueOf(ex.getMessage()));
		}
		@Nullable String subject = jwt.getSubject();
		if (subject == null || subject.isEmpty()) {
			throw new TokenRejectedException("the token has no subject");
		}
		return new VerifiedToken(subject, jwt.getExpiresAt(), jwt.getClaims());
	}

}
