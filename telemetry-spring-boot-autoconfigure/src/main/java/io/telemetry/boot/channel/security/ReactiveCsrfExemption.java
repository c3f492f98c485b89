package io.telemetry.boot.channel.security;

import reactor.core.publisher.Mono;

import org.springframework.http.HttpMethod;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.web.server.SecurityWebFiltersOrder;
import org.springframework.security.config.web.server.ServerHttpSecurity;
import org.springframework.security.web.server.csrf.CsrfWebFilter;
import org.springframework.security.web.server.util.matcher.ServerWebExchangeMatcher;
import org.springframework.security.web.server.util.matcher.ServerWebExchangeMatchers;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;

/**
 * Exempts the POSTs of the channel from the CSRF protection of a WebFlux application. As
 * {@link ServletCsrfExemption}, but by a filter before that of the protection: there the
 * protection has one matcher only, which an application may want to set itself.
 */
public final class ReactiveCsrfExemption implements Customizer<ServerHttpSecurity> {

	private final String path;

	/**
	 * An exemption of the addresses under a path.
	 * @param path the path of the channel
	 */
	public ReactiveCsrfExemption(String path) {
		this.path = path;
	}

	@Override
	public void customize(ServerHttpSecurity http) {
		http.addFilterBefore(new Exemption(
				ServerWebExchangeMatchers.pathMatchers(HttpMethod.POST, this.path + "/batch", this.path + "/ticket")),
				SecurityWebFiltersOrder.CSRF);
	}

	private record Exemption(ServerWebExchangeMatcher matcher) implements WebFilter {

		@Override
		public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
			return this.matcher.matches(exchange).flatMap((result) -> {
				if (result.isMatch()) {
					CsrfWebFilter.skipExchange(exchange);
				}
				return chain.filter(exchange);
			});
		}

	}

}
