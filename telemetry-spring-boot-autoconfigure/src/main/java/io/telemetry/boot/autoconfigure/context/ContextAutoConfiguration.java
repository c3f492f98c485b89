package io.telemetry.boot.autoconfigure.context;

import java.util.function.Supplier;

import io.telemetry.boot.InvalidSettingException;
import io.telemetry.boot.InvalidTelemetryConfigurationException;
import io.telemetry.boot.context.ContextTaskDecorator;
import io.telemetry.boot.context.MdcContextMirror;
import io.telemetry.boot.context.MdcContextSource;
import org.slf4j.MDC;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionMessage;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.OnPropertyListCondition;
import org.springframework.boot.autoconfigure.task.TaskExecutionAutoConfiguration;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Fallback;
import org.springframework.context.annotation.Lazy;
import org.springframework.core.task.TaskDecorator;

/**
 * Auto-configuration of how the context of signals gets to other threads and beside
 * SLF4J's MDC.
 */
@AutoConfiguration(before = TaskExecutionAutoConfiguration.class)
@ConditionalOnBooleanProperty(name = "telemetry.enabled", matchIfMissing = true)
@EnableConfigurationProperties(ContextProperties.class)
public final class ContextAutoConfiguration {

	/**
	 * The setting with the name that it has among properties.
	 */
	private static <T> T checked(Supplier<T> made) {
		try {
			return made.get();
		}
		catch (InvalidSettingException ex) {
			throw new InvalidTelemetryConfigurationException(ContextProperties.PREFIX + "." + ex.setting(), ex.value(),
					"the value " + ex.reason(), "Set it to such a value, or leave it out for none");
		}
	}

	/**
	 * Spring's executors.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(TaskDecorator.class)
	@ConditionalOnBooleanProperty(name = "telemetry.context.propagate", matchIfMissing = true)
	static class TaskConfiguration {

		/**
		 * Used beside other decorators, and a fallback where an application asks for the
		 * one that is its own.
		 */
		@Bean
		@Fallback
		@ConditionalOnMissingBean
		ContextTaskDecorator telemetryTaskDecorator() {
			return new ContextTaskDecorator();
		}

	}

	/**
	 * SLF4J's MDC.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(MDC.class)
	static class MdcConfiguration {

		@Bean
		@ConditionalOnMissingBean
		@Conditional(OnMdcReadCondition.class)
		MdcContextSource telemetryMdcContextSource(ContextProperties properties) {
			return checked(() -> new MdcContextSource(properties.getMdc().getRead()));
		}

		/**
		 * Made at the start, also where beans are made lazily: nobody asks for it.
		 */
		@Bean(initMethod = "install", destroyMethod = "uninstall")
		@Lazy(false)
		@ConditionalOnMissingBean
		@Conditional(OnMdcWriteCondition.class)
		MdcContextMirror telemetryMdcContextMirror(ContextProperties properties) {
			return checked(() -> new MdcContextMirror(properties.getMdc().getWrite()));
		}

	}

	static class OnMdcReadCondition extends OnPropertyListCondition {

		OnMdcReadCondition() {
			super(ContextProperties.PREFIX + ".mdc.read", () -> ConditionMessage.forCondition("MDC keys to read"));
		}

	}

	static class OnMdcWriteCondition extends OnPropertyListCondition {

		OnMdcWriteCondition() {
			super(ContextProperties.PREFIX + ".mdc.write", () -> ConditionMessage.forCondition("Fields to write"));
		}

	}

}
