package io.telemetry.boot.autoconfigure.browser;

import java.util.List;

import io.telemetry.boot.autoconfigure.channel.ChannelAutoConfiguration;
import io.telemetry.boot.browser.BrowserResources;
import io.telemetry.boot.browser.BrowserSettings;
import io.telemetry.boot.channel.Admission;
import io.telemetry.boot.channel.ChannelLifecycle;
import io.telemetry.boot.channel.ChannelSettings;
import io.telemetry.boot.channel.PageOrigins;
import io.telemetry.boot.channel.ReactiveDoor;
import io.telemetry.boot.channel.ServletDoor;
import io.telemetry.boot.channel.control.ClientControl;
import io.telemetry.pipeline.SignalPipeline;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.HttpMethod;
import org.springframework.web.reactive.DispatcherHandler;
import org.springframework.web.servlet.DispatcherServlet;
import org.springframework.web.servlet.handler.SimpleUrlHandlerMapping;

/**
 * Auto-configuration of the browser client's files and settings, beside the channel that
 * the client sends to.
 */
@AutoConfiguration(after = ChannelAutoConfiguration.class)
@ConditionalOnBean(ChannelLifecycle.class)
@EnableConfigurationProperties(BrowserProperties.class)
public final class BrowserAutoConfiguration {

	/** As the channel's: before the application's own. */
	private static final int ORDER = -2;

	@Bean
	@ConditionalOnMissingBean
	BrowserSettings telemetryBrowserSettings(BrowserProperties properties, SignalPipeline pipeline) {
		// What is switched off for a while comes back; pages that were told to be silent
		// do not.
		return properties.toSettings(pipeline.settings().configured().enabled());
	}

	@Bean
	BrowserResources telemetryBrowserResources(ChannelSettings channel, ChannelLifecycle lifecycle, Admission admission,
			ClientControl control) {
		PageOrigins origins = new PageOrigins(channel.allowedOriginPatterns(), admission.callers().applications(),
				List.of(HttpMethod.GET.name(), HttpMethod.HEAD.name()));
		return new BrowserResources(control::inForce, lifecycle.hasWebSocket(), origins, admission.csrf());
	}

	/**
	 * The addresses on a servlet container.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.SERVLET)
	@ConditionalOnClass(DispatcherServlet.class)
	static class ServletConfiguration {

		@Bean(autowireCandidate = false)
		SimpleUrlHandlerMapping telemetryBrowserHandlerMapping(ChannelSettings channel, BrowserResources resources) {
			return new SimpleUrlHandlerMapping(
					ServletDoor.to(resources.addresses(channel.path()), channel.connections().connectTimeout()), ORDER);
		}

	}

	/**
	 * The addresses on WebFlux.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.REACTIVE)
	@ConditionalOnClass(DispatcherHandler.class)
	static class ReactiveConfiguration {

		@Bean(autowireCandidate = false)
		org.springframework.web.reactive.handler.SimpleUrlHandlerMapping telemetryBrowserHandlerMapping(
				ChannelSettings channel, BrowserResources resources) {
			return new org.springframework.web.reactive.handler.SimpleUrlHandlerMapping(
					ReactiveDoor.to(resources.addresses(channel.path()), channel.connections().connectTimeout()),
					ORDER);
		}

	}

}
