package io.telemetry.boot.autoconfigure.annotation;

import io.telemetry.annotation.Traced;
import io.telemetry.boot.SignalRecorder;
import io.telemetry.boot.autoconfigure.TelemetryAutoConfiguration;
import io.telemetry.boot.autoconfigure.handler.TelemetryHandlerAutoConfiguration;
import io.telemetry.signal.Signal;
import org.junit.jupiter.api.Test;

import org.springframework.aot.generate.GeneratedFiles.Kind;
import org.springframework.aot.test.generate.TestGenerationContext;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.test.util.TestPropertyValues;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.aot.ApplicationContextAotGenerator;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.core.test.tools.CompileWithForkedClassLoader;
import org.springframework.core.test.tools.TestCompiler;
import org.springframework.javapoet.ClassName;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Annotated methods after Spring's ahead-of-time processing, which makes the proxies'
 * classes then, because a native image can't later.
 */
@CompileWithForkedClassLoader
class TelemetryAnnotationsAotTests {

	@Test
	void proxyIsMadeAheadOfTimeAndTells() {
		AnnotationConfigApplicationContext source = new AnnotationConfigApplicationContext();
		source.register(Application.class);
		TestGenerationContext generation = new TestGenerationContext();
		ClassName initializer = new ApplicationContextAotGenerator().processAheadOfTime(source, generation);
		generation.writeGeneratedContent();
		assertThat(generation.getGeneratedFiles().getGeneratedFiles(Kind.CLASS))
			.anySatisfy((name, file) -> assertThat(name).contains("TelemetryAnnotationsAotTests$Shop$$SpringCGLIB"));
		TestCompiler.forSystem().with(generation).compile((compiled) -> {
			try (GenericApplicationContext context = new GenericApplicationContext()) {
				TestPropertyValues.of("telemetry.handlers.recorder.async.mode=none").applyTo(context);
				start(compiled.getInstance(ApplicationContextInitializer.class, initializer.toString()), context);
				context.getBean(Shop.class).sell();
				assertThat(context.getBean(SignalRecorder.class).signals()).extracting(Signal::id)
					.containsExactly("shop/sell");
			}
		});
	}

	@SuppressWarnings("unchecked")
	private static void start(ApplicationContextInitializer<?> initializer, GenericApplicationContext context) {
		((ApplicationContextInitializer<GenericApplicationContext>) initializer).initialize(context);
		context.refresh();
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ TelemetryHandlerAutoConfiguration.class, TelemetryAutoConfiguration.class,
			TelemetryAnnotationsAutoConfiguration.class })
	static class Application {

		@Bean
		SignalRecorder recorder() {
			return new SignalRecorder();
		}

		@Bean
		Shop shop() {
			return new Shop();
		}

	}

	static class Shop {

		@Traced
		public void sell() {
		}

	}

}
