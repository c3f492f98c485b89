package io.telemetry.boot.channel.security;

import org.springframework.context.ApplicationContext;
import org.springframework.http.HttpMethod;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.web.servlet.util.matcher.PathPatternRequestMatcher;
import org.springframework.security.web.util.matcher.RequestMatcher;

/**
 * Exempts the POSTs of the channel from Spring Security's CSRF protection: beacons can't
 * send headers, and the channel looks at {@code Origin} and {@code Sec-Fetch-Site}
 * instead. Spring Security applies it to every {@link HttpSecurity} before the
 * application configures it, and changes nothing else: who may come at all stays the
 * application's decision.
 */
public final class ServletCsrfExemption implements Customizer<HttpSecurity> {

	private final String path;

	/**
	 * An exemption of the addresses under a path.
	 * @param path the path of the channel
	 */
	public ServletCsrfExemption(String path) {
		this.path = path;
	}

	@Override
	public void customize(HttpSecurity http) {
		// As Spring Security itself does for patterns: only the bean knows the servlet's
		// path
		PathPatternRequestMatcher.Builder paths = http.getSharedObject(ApplicationContext.class)
			.getBeanProvider(PathPatternRequestMatcher.Builder.class)
			.getIfUnique(PathPatternRequestMatcher::withDefaults);
		RequestMatcher batch = paths.matcher(HttpMethod.POST, this.path + "/batch");
		RequestMatcher ticket = paths.matcher(HttpMethod.POST, this.path + "/ticket");
		http.csrf((csrf) -> csrf.ignoringRequestMatchers(batch, ticket));
	}

}
