package io.telemetry.boot.autoconfigure.handler;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import io.telemetry.boot.InvalidTelemetryConfigurationException;
import io.telemetry.boot.autoconfigure.TelemetryAutoConfiguration;
import io.telemetry.boot.autoconfigure.TelemetryProperties;
import io.telemetry.boot.handler.slf4j.Slf4jHandlerFactory;
import io.telemetry.boot.recent.RecentHandlerFactory;
import io.telemetry.boot.recent.RecentSignals;
import io.telemetry.encode.SignalEncoder;
import io.telemetry.handler.HandlerFactory;
import io.telemetry.handler.SignalHandler;
import io.telemetry.signal.ServiceIdentity;
import org.slf4j.Logger;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.ImportRuntimeHints;
import org.springframework.core.env.Environment;

/**
 * Auto-configuration of the handlers: those that properties name, the beans, and by
 * default {@code log} and {@code recent}.
 */
@AutoConfiguration(before = TelemetryAutoConfiguration.class)
@ConditionalOnBooleanProperty(name = "telemetry.enabled", matchIfMissing = true)
@EnableConfigurationProperties(TelemetryProperties.class)
@ImportRuntimeHints(TelemetryHandlerRuntimeHints.class)
public final class TelemetryHandlerAutoConfiguration {

	/**
	 * Maps and lists rather than providers: so Spring knows that the pipeline uses these
	 * beans, and closes it before them.
	 */
	@Bean
	ConfiguredHandlers telemetryHandlers(Environment environment, TelemetryProperties properties,
			List<HandlerFactory> factories, Map<String, SignalHandler> handlers, Map<String, SignalEncoder> encoders) {
		List<String> byDefault = new ArrayList<>();
		if (factories.stream().anyMatch((factory) -> factory.type().equals("log"))) {
			byDefault.add("log");
		}
		if (properties.getRecent().getSize() != 0) {
			byDefault.add("recent");
		}
		return new ConfiguredHandlers(new HandlerPropertySource(environment), factories, handlers, encoders, byDefault);
	}

	@Bean
	ConsoleHandlerFactory consoleHandlerFactory(Environment environment) {
		return new ConsoleHandlerFactory(environment);
	}

	@Bean
	FileHandlerFactory fileHandlerFactory(ServiceIdentity service) {
		return new FileHandlerFactory(service);
	}

	@Bean
	TcpHandlerFactory tcpHandlerFactory(ObjectProvider<SslBundles> sslBundles) {
		return new TcpHandlerFactory(sslBundles);
	}

	@Bean
	UdpHandlerFactory udpHandlerFactory() {
		return new UdpHandlerFactory();
	}

	@Bean
	@ConditionalOnMissingBean
	RecentSignals recentSignals(TelemetryProperties properties) {
		int size = properties.getRecent().getSize();
		if (size < 0) {
			throw new InvalidTelemetryConfigurationException("telemetry.recent.size", size, "it is negative",
					"Use the number of signals to keep, or 0 to keep none");
		}
		return new RecentSignals(size);
	}

	@Bean
	RecentHandlerFactory recentHandlerFactory(RecentSignals recentSignals) {
		return new RecentHandlerFactory(recentSignals);
	}

	/**
	 * The application's own log.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(Logger.class)
	static class Slf4jConfiguration {

		@Bean
		Slf4jHandlerFactory slf4jHandlerFactory() {
			return new Slf4jHandlerFactory();
		}

	}

}
