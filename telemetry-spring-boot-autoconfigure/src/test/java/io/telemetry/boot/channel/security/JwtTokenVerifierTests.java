package io.telemetry.boot.channel.security;

import java.nio.charset.StandardCharsets;
import java.security.KeyPairGenerator;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Date;

import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import io.telemetry.boot.autoconfigure.channel.ChannelSecurityAutoConfiguration;
import io.telemetry.boot.channel.ChannelSettings;
import io.telemetry.boot.channel.caller.CsrfProtection;
import io.telemetry.boot.channel.caller.TokenRejectedException;
import io.telemetry.boot.channel.caller.TokenVerifier;
import io.telemetry.boot.channel.caller.VerifiedToken;
import org.junit.jupiter.api.Test;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.security.autoconfigure.web.servlet.ServletWebSecurityAutoConfiguration;
import org.springframework.boot.security.oauth2.server.resource.autoconfigure.OAuth2ResourceServerAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ReactiveWebApplicationContextRunner;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.security.oauth2.jwt.BadJwtException;
import org.springframework.security.oauth2.jwt.JwtDecoder;
import org.springframework.security.oauth2.jwt.JwtException;
import org.springframework.security.oauth2.jwt.NimbusJwtDecoder;
import org.springframework.security.oauth2.jwt.NimbusReactiveJwtDecoder;
import org.springframework.security.oauth2.jwt.ReactiveJwtDecoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class JwtTokenVerifierTests {

	private static final SecretKey KEY = key("0123456789abcdef0123456789abcdef");

	private final WebApplicationContextRunner runner = new WebApplicationContextRunner()
		.withBean(ChannelSettings.class, () -> ChannelSettings.DEFAULTS)
		.withConfiguration(AutoConfigurations.of(ChannelSecurityAutoConfiguration.class,
				ServletWebSecurityAutoConfiguration.class, OAuth2ResourceServerAutoConfiguration.class));

	private static SecretKey key(String text) {
		return new SecretKeySpec(text.getBytes(StandardCharsets.UTF_8), "HmacSHA256");
	}

	private static String token(SecretKey key, JWTClaimsSet claims) throws Exception {
		SignedJWT jwt = new SignedJWT(new JWSHeader(JWSAlgorithm.HS256), claims);
		jwt.sign(new MACSigner(key));
		return jwt.serialize();
	}

	private static JWTClaimsSet.Builder claims(Instant expiry) {
		return new JWTClaimsSet.Builder().subject("jo")
			.claim("email", "jo@example.org")
			.expirationTime(Date.from(expiry));
	}

	private static void assertVerifies(TokenVerifier verifier) throws Exception {
		Instant future = Instant.now().plus(1, ChronoUnit.HOURS).truncatedTo(ChronoUnit.SECONDS);
		Instant past = future.minus(1, ChronoUnit.DAYS);
		VerifiedToken token = verifier.verify(token(KEY, claims(future).build()));
		assertThat(token.subject()).isEqualTo("jo");
		assertThat(token.expiresAt()).isEqualTo(future);
		assertThat(token.claims()).containsEntry("email", "jo@example.org");
		String forged = token(key("another secret of the right size"), claims(future).build());
		String expired = token(KEY, claims(past).build());
		String nobody = token(KEY, claims(future).subject(null).build());
		for (String bad : new String[] { forged, expired, nobody, "x", "a.b.c", "", "e30.e30." }) {
			assertThatExceptionOfType(TokenRejectedException.class).as(bad)
				.isThrownBy(() -> verifier.verify(bad))
				.satisfies((ex) -> assertThat(ex.getMessage()).isNotBlank());
		}
	}

	@Test
	void tokensAreVerifiedByTheApplicationsDecoder() {
		this.runner.withBean(JwtDecoder.class, () -> NimbusJwtDecoder.withSecretKey(KEY).build())
			.run((context) -> assertVerifies(context.getBean(TokenVerifier.class)));
	}

	@Test
	void tokensAreVerifiedByTheDecoderOfAReactiveApplication() {
		new ReactiveWebApplicationContextRunner().withBean(ChannelSettings.class, () -> ChannelSettings.DEFAULTS)
			.withConfiguration(AutoConfigurations.of(ChannelSecurityAutoConfiguration.class))
			.withBean(ReactiveJwtDecoder.class, () -> NimbusReactiveJwtDecoder.withSecretKey(KEY).build())
			.run((context) -> {
				assertVerifies(context.getBean(TokenVerifier.class));
				assertThat(context).hasSingleBean(ReactiveCsrfExemption.class).doesNotHaveBean(CsrfProtection.class);
			});
	}

	@Test
	void decoderOfBootIsFoundAndItsFailureIsNoRejection() {
		this.runner.withPropertyValues("spring.security.oauth2.resourceserver.jwt.jwk-set-uri=http://localhost:1/keys")
			.run((context) -> {
				TokenVerifier verifier = context.getBean(TokenVerifier.class);
				SignedJWT token = new SignedJWT(new JWSHeader(JWSAlgorithm.RS256), claims(Instant.now()).build());
				token.sign(new RSASSASigner(KeyPairGenerator.getInstance("RSA").generateKeyPair().getPrivate()));
				assertThatExceptionOfType(JwtException.class).isThrownBy(() -> verifier.verify(token.serialize()))
					.isNotInstanceOf(BadJwtException.class);
			});
	}

	@Test
	void verifierOfTheApplicationCounts() {
		TokenVerifier own = (token) -> {
			throw new TokenRejectedException("on purpose");
		};
		this.runner.withBean(JwtDecoder.class, () -> NimbusJwtDecoder.withSecretKey(KEY).build())
			.withBean("own", TokenVerifier.class, () -> own)
			.run((context) -> assertThat(context).getBean(TokenVerifier.class).isSameAs(own));
	}

	@Test
	void withoutDecoderThereIsNoVerifier() {
		this.runner.run((context) -> assertThat(context).hasNotFailed()
			.doesNotHaveBean(TokenVerifier.class)
			.hasSingleBean(CsrfProtection.class)
			.hasSingleBean(ServletCsrfExemption.class));
		this.runner.withClassLoader(new FilteredClassLoader("org.springframework.security.oauth2"))
			.run((context) -> assertThat(context).hasNotFailed()
				.doesNotHaveBean(TokenVerifier.class)
				.hasSingleBean(CsrfProtection.class));
	}

	@Test
	void withoutSpringSecurityOrChannelThereIsNothing() {
		new WebApplicationContextRunner().withBean(ChannelSettings.class, () -> ChannelSettings.DEFAULTS)
			.withConfiguration(AutoConfigurations.of(ChannelSecurityAutoConfiguration.class))
			.withClassLoader(new FilteredClassLoader("org.springframework.security"))
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(CsrfProtection.class));
		new WebApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(ChannelSecurityAutoConfiguration.class))
			.run((context) -> assertThat(context).hasNotFailed()
				.doesNotHaveBean(CsrfProtection.class)
				.doesNotHaveBean(ServletCsrfExemption.class));
	}

}
