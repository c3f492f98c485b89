package io.telemetry.boot.autoconfigure.browser;

import io.telemetry.boot.autoconfigure.channel.ChannelAutoConfiguration;
import io.telemetry.boot.browser.BrowserRequestHandler;
import io.telemetry.boot.browser.BrowserSettings;
import io.telemetry.boot.channel.ChannelSettings;
import io.telemetry.pipeline.SignalPipeline;
import jakarta.servlet.Servlet;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.web.servlet.DispatcherServlet;
import org.springframework.web.servlet.handler.SimpleUrlHandlerMapping;

/**
 * Auto-configuration of the browser client's files and settings, beside the channel that
 * the client sends to.
 */
@AutoConfiguration(after = ChannelAutoConfiguration.class)
@ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.SERVLET)
@ConditionalOnClass({ Servlet.class, DispatcherServlet.class })
@ConditionalOnBean(ChannelSettings.class)
@EnableConfigurationProperties(BrowserProperties.class)
public final class BrowserAutoConfiguration {

	/** As the channel's: before the application's own. */
	private static final int ORDER = -1;

	@Bean
	@ConditionalOnMissingBean
	BrowserSettings telemetryBrowserSettings(BrowserProperties properties, SignalPipeline pipeline) {
		// What is switched off for a while comes back; pages that were told to be silent
		// do not.
		return properties.toSettings(pipeline.settings().configured().enabled());
	}

	@Bean(autowireCandidate = false)
	SimpleUrlHandlerMapping telemetryBrowserHandlerMapping(ChannelSettings channel, BrowserSettings settings) {
		BrowserRequestHandler handler = new BrowserRequestHandler(() -> settings, channel.allowedOriginPatterns());
		return new SimpleUrlHandlerMapping(handler.addresses(channel.path()), ORDER);
	}

}
