package io.telemetry.boot.autoconfigure.channel;

import java.time.InstantSource;

import io.telemetry.Telemetry;
import io.telemetry.boot.browser.BrowserSettings;
import io.telemetry.boot.channel.ChannelStats;
import io.telemetry.boot.channel.caller.Callers;
import io.telemetry.boot.channel.control.ClientControl;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * What the server says to browsers.
 */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(ChannelControlProperties.class)
class ChannelControlConfiguration {

	@Bean
	ClientControl telemetryChannelControl(ChannelControlProperties properties, ChannelAccessProperties access,
			ObjectProvider<BrowserSettings> settings, Callers callers, Telemetry telemetry, ChannelStats stats) {
		return new ClientControl(properties.toSettings(), settings.getIfAvailable(() -> BrowserSettings.DEFAULTS),
				callers.applications(), access.toBrowserRules(), telemetry, stats, InstantSource.system());
	}

}
