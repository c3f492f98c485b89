package io.telemetry.boot.channel.security;

import java.security.Principal;

import io.telemetry.boot.channel.caller.CallerRequest;
import io.telemetry.boot.channel.caller.CsrfExpectation;
import io.telemetry.boot.channel.caller.CsrfProtection;
import org.jspecify.annotations.Nullable;

import org.springframework.security.web.csrf.CsrfToken;
import org.springframework.security.web.csrf.DeferredCsrfToken;

/**
 * Asks for the token of Spring Security's CSRF protection, where that protects the
 * application and browsers send along by what the user is known: a session or a password.
 * <p>
 * Not asked for where there is no principal, because then nothing can be borrowed from
 * the user, and a token would cost each such client a session; nor where the principal
 * comes from a bearer token, which no browser sends by itself.
 */
public final class SpringSecurityCsrf implements CsrfProtection {

	@Override
	public @Nullable CsrfExpectation expect(CallerRequest handshake) {
		Principal principal = handshake.principal();
		if (principal == null || isBearer(handshake.header("Authorization"))) {
			return null;
		}
		// The token itself: that of the attribute CsrfToken is masked
		if (handshake.attribute(DeferredCsrfToken.class.getName()) instanceof DeferredCsrfToken deferred) {
			CsrfToken token = deferred.get();
			return new CsrfExpectation(token.getHeaderName(), token.getToken());
		}
		return null;
	}

	private static boolean isBearer(@Nullable String authorization) {
		return authorization != null && authorization.regionMatches(true, 0, "Bearer ", 0, 7);
	}

}
