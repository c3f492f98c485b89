package io.telemetry.boot.channel;

import io.telemetry.boot.SpringSecurityFilter;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.core.userdetails.User;
import org.springframework.security.provisioning.InMemoryUserDetailsManager;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.web.servlet.function.RouterFunction;
import org.springframework.web.servlet.function.RouterFunctions;
import org.springframework.web.servlet.function.ServerResponse;

/**
 * An application as many are: its own pages behind a login form, a session, CSRF
 * protection, and the channel open to everybody.
 */
@Configuration(proxyBeanMethods = false)
class FormLogin {

	/** What an application with this configuration needs beside it. */
	static final String PROPERTY = SpringSecurityFilter.PROPERTY + "=true";

	@Bean
	SecurityFilterChain chain(HttpSecurity http) {
		return http
			.authorizeHttpRequests(
					(requests) -> requests.requestMatchers("/chsk/**").permitAll().anyRequest().authenticated())
			.formLogin(Customizer.withDefaults())
			.build();
	}

	@Bean
	InMemoryUserDetailsManager users() {
		return new InMemoryUserDetailsManager(User.withUsername("jo").password("{noop}jo").build(),
				User.withUsername("ann").password("{noop}ann").build());
	}

	@Bean
	RouterFunction<ServerResponse> orders() {
		return RouterFunctions.route()
			.POST("/orders", (request) -> ServerResponse.ok().build())
			.GET("/orders", (request) -> ServerResponse.ok().build())
			.build();
	}

}
