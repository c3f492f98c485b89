package io.telemetry.boot.autoconfigure.intake;

import io.telemetry.boot.autoconfigure.TelemetryAutoConfiguration;
import io.telemetry.pipeline.SignalPipeline;

import org.springframework.beans.factory.BeanFactoryInitializer;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.support.DefaultListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Role;

/**
 * Auto-configuration of what is made into signals of the application's log and standard
 * output. It began before there were beans ({@link IntakeApplicationListener}); here is
 * its end.
 */
@AutoConfiguration(after = TelemetryAutoConfiguration.class)
@EnableConfigurationProperties({ Slf4jIntakeProperties.class, SystemOutIntakeProperties.class })
public final class IntakeAutoConfiguration {

	/**
	 * Closes the intake after the beans that are made later, so that what they say while
	 * they are destroyed is heard, and before the pipeline.
	 */
	@Bean
	@Role(BeanDefinition.ROLE_INFRASTRUCTURE)
	static BeanFactoryInitializer<DefaultListableBeanFactory> telemetryIntakeInitializer() {
		return (beanFactory) -> {
			if (beanFactory.getSingleton(IntakeApplicationListener.BEAN_NAME) instanceof EarlyIntake intake) {
				beanFactory.getBeanProvider(SignalPipeline.class).ifUnique(intake::sendTo);
				beanFactory.registerDisposableBean(IntakeApplicationListener.BEAN_NAME, intake::close);
			}
		};
	}

}
