package io.telemetry.boot.autoconfigure.annotation;

import io.telemetry.boot.annotation.AnnotatedMethodPostProcessor;
import io.telemetry.pipeline.SignalPipeline;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.BeansException;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Role;
import org.springframework.core.env.Environment;

/**
 * Auto-configuration of annotated methods.
 */
@AutoConfiguration
@ConditionalOnBooleanProperty(name = { "telemetry.enabled", "telemetry.annotations.enabled" }, matchIfMissing = true)
@EnableConfigurationProperties(TelemetryAnnotationsProperties.class)
public final class TelemetryAnnotationsAutoConfiguration {

	/**
	 * Static and with providers only, as it is made before all other beans.
	 */
	@Bean
	@Role(BeanDefinition.ROLE_INFRASTRUCTURE)
	@ConditionalOnMissingBean
	static AnnotatedMethodPostProcessor telemetryAnnotatedMethodPostProcessor(ObjectProvider<SignalPipeline> pipeline,
			Environment environment) {
		AnnotatedMethodPostProcessor processor = new AnnotatedMethodPostProcessor(() -> find(pipeline));
		processor.setProxyTargetClass(environment.getProperty("spring.aop.proxy-target-class", Boolean.class, true));
		return processor;
	}

	private static @Nullable SignalPipeline find(ObjectProvider<SignalPipeline> pipeline) {
		try {
			return pipeline.getIfUnique();
		}
		catch (BeansException ex) {
			// It is being made, and what it is made of has annotated methods.
			return null;
		}
	}

}
