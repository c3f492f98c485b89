package io.telemetry.boot.autoconfigure;

import io.telemetry.Telemetry;
import io.telemetry.boot.SignalRecorder;
import io.telemetry.boot.autoconfigure.handler.TelemetryHandlerAutoConfiguration;
import io.telemetry.pipeline.HandlerView;
import io.telemetry.pipeline.SignalPipeline;
import org.junit.jupiter.api.Test;

import org.springframework.aot.test.generate.TestGenerationContext;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.aot.ApplicationContextAotGenerator;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.core.test.tools.CompileWithForkedClassLoader;
import org.springframework.core.test.tools.TestCompiler;
import org.springframework.javapoet.ClassName;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The same after Spring's ahead-of-time processing: generated code instead of reflection.
 */
@CompileWithForkedClassLoader
class TelemetryAotTests {

	@Test
	void generatedCodeMakesPipelineAndNamespaces() {
		AnnotationConfigApplicationContext source = new AnnotationConfigApplicationContext();
		source.register(Application.class);
		TestGenerationContext generation = new TestGenerationContext();
		ClassName initializer = new ApplicationContextAotGenerator().processAheadOfTime(source, generation);
		generation.writeGeneratedContent();
		TestCompiler.forSystem().with(generation).compile((compiled) -> {
			try (GenericApplicationContext context = new GenericApplicationContext()) {
				start(compiled.getInstance(ApplicationContextInitializer.class, initializer.toString()), context);
				SignalPipeline pipeline = context.getBean(SignalPipeline.class);
				assertThat(pipeline.handlers()).extracting(HandlerView::name)
					.containsExactly("log", "recent", "recorder");
				assertThat(context.getBean(Shop.class).byField.namespace()).isEqualTo(Shop.class.getName());
				assertThat(context.getBean(Shop.class).byConstructor.namespace()).isEqualTo(Shop.class.getName());
				assertThat(context.getBean(Telemetry.class).namespace()).isEqualTo("application");
			}
		});
	}

	@SuppressWarnings("unchecked")
	private static void start(ApplicationContextInitializer<?> initializer, GenericApplicationContext context) {
		((ApplicationContextInitializer<GenericApplicationContext>) initializer).initialize(context);
		context.refresh();
	}

	@Configuration(proxyBeanMethods = false)
	@Import(Shop.class)
	@ImportAutoConfiguration({ TelemetryHandlerAutoConfiguration.class, TelemetryAutoConfiguration.class })
	static class Application {

		@Bean
		SignalRecorder recorder() {
			return new SignalRecorder();
		}

	}

	static class Shop {

		final Telemetry byConstructor;

		@Autowired
		Telemetry byField;

		Shop(Telemetry telemetry) {
			this.byConstructor = telemetry;
		}

	}

}
