package io.telemetry.boot.autoconfigure.startup;

import io.telemetry.Telemetry;
import io.telemetry.boot.autoconfigure.TelemetryAutoConfiguration;
import io.telemetry.boot.startup.ApplicationSignals;
import io.telemetry.pipeline.SignalPipeline;

import org.springframework.beans.factory.BeanFactoryInitializer;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.boot.autoconfigure.condition.SearchStrategy;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Role;

/**
 * Auto-configuration of the signals that tell of an application's start and stop.
 */
@AutoConfiguration(after = TelemetryAutoConfiguration.class)
@ConditionalOnBooleanProperty(name = "telemetry.enabled", matchIfMissing = true)
@ConditionalOnBooleanProperty(name = "telemetry.startup.enabled", matchIfMissing = true)
@ConditionalOnSingleCandidate(value = SignalPipeline.class, search = SearchStrategy.CURRENT)
@EnableConfigurationProperties(StartupProperties.class)
public final class StartupAutoConfiguration {

	/**
	 * Takes the application's telemetry, the one that is not for a class.
	 */
	@Bean
	@ConditionalOnMissingBean(search = SearchStrategy.CURRENT)
	ApplicationSignals telemetryApplicationSignals(Telemetry telemetry, ApplicationContext context) {
		return new ApplicationSignals(telemetry, context);
	}

	/**
	 * Makes it before other beans: it tells when one of them fails.
	 */
	@Bean
	@Role(BeanDefinition.ROLE_INFRASTRUCTURE)
	static BeanFactoryInitializer<ListableBeanFactory> telemetryApplicationSignalsInitializer() {
		return (beanFactory) -> beanFactory.getBeanProvider(ApplicationSignals.class).getIfUnique();
	}

}
