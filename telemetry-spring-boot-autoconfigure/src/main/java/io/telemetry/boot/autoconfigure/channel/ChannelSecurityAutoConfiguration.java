package io.telemetry.boot.autoconfigure.channel;

import io.telemetry.boot.channel.ChannelSettings;
import io.telemetry.boot.channel.caller.CsrfProtection;
import io.telemetry.boot.channel.caller.TokenVerifier;
import io.telemetry.boot.channel.security.JwtTokenVerifier;
import io.telemetry.boot.channel.security.ReactiveCsrfExemption;
import io.telemetry.boot.channel.security.ServletCsrfExemption;
import io.telemetry.boot.channel.security.SpringSecurityCsrf;
import jakarta.servlet.http.HttpServletRequest;
import reactor.core.publisher.Mono;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.web.server.ServerHttpSecurity;
import org.springframework.security.oauth2.jwt.JwtDecoder;
import org.springframework.security.oauth2.jwt.ReactiveJwtDecoder;
import org.springframework.security.web.csrf.DeferredCsrfToken;

/**
 * Auto-configuration of what the browser channel does with Spring Security.
 */
@AutoConfiguration(after = ChannelAutoConfiguration.class, afterName = {
		"org.springframework.boot.security.oauth2.server.resource.autoconfigure.OAuth2ResourceServerAutoConfiguration",
		"org.springframework.boot.security.oauth2.server.resource.autoconfigure.reactive.ReactiveOAuth2ResourceServerAutoConfiguration" })
@ConditionalOnBean(ChannelSettings.class)
public final class ChannelSecurityAutoConfiguration {

	/**
	 * CSRF protection of servlet applications.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.SERVLET)
	@ConditionalOnClass({ HttpSecurity.class, DeferredCsrfToken.class, HttpServletRequest.class })
	static class ServletCsrfConfiguration {

		@Bean
		ServletCsrfExemption telemetryCsrfExemption(ChannelSettings settings) {
			return new ServletCsrfExemption(settings.path());
		}

		@Bean
		@ConditionalOnMissingBean(CsrfProtection.class)
		@ConditionalOnBooleanProperty(name = "telemetry.channel.csrf.enabled", matchIfMissing = true)
		SpringSecurityCsrf telemetryCsrfProtection() {
			return new SpringSecurityCsrf();
		}

	}

	/**
	 * CSRF protection of WebFlux applications.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.REACTIVE)
	@ConditionalOnClass({ ServerHttpSecurity.class, Mono.class })
	static class ReactiveCsrfConfiguration {

		@Bean
		ReactiveCsrfExemption telemetryCsrfExemption(ChannelSettings settings) {
			return new ReactiveCsrfExemption(settings.path());
		}

	}

	/**
	 * Bearer tokens of applications that are resource servers.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(JwtDecoder.class)
	@ConditionalOnSingleCandidate(JwtDecoder.class)
	@ConditionalOnMissingBean(TokenVerifier.class)
	static class JwtConfiguration {

		@Bean
		JwtTokenVerifier telemetryTokenVerifier(JwtDecoder decoder) {
			return new JwtTokenVerifier(decoder);
		}

	}

	/**
	 * Bearer tokens of reactive applications that are resource servers.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass({ ReactiveJwtDecoder.class, Mono.class })
	@ConditionalOnSingleCandidate(ReactiveJwtDecoder.class)
	@ConditionalOnMissingBean(TokenVerifier.class)
	static class ReactiveJwtConfiguration {

		@Bean
		JwtTokenVerifier telemetryReactiveTokenVerifier(ReactiveJwtDecoder decoder) {
			return JwtTokenVerifier.waitingFor(decoder);
		}

	}

}
