package io.telemetry.boot.autoconfigure;

import io.telemetry.boot.autoconfigure.handler.TelemetryHandlerAutoConfiguration;
import io.telemetry.boot.autoconfigure.handler.TelemetryHandlersProperties;
import org.junit.jupiter.api.Test;

import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.predicate.RuntimeHintsPredicates;
import org.springframework.aot.test.generate.TestGenerationContext;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.aot.ApplicationContextAotGenerator;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What a native image is told, by the whole of ahead-of-time processing.
 */
class TelemetryRuntimeHintsTests {

	@Test
	void propertiesInjectionPointAndClientAreKept() throws Exception {
		AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext();
		context.register(TelemetryHandlerAutoConfiguration.class, TelemetryAutoConfiguration.class);
		TestGenerationContext generation = new TestGenerationContext();
		new ApplicationContextAotGenerator().processAheadOfTime(context, generation);
		RuntimeHints hints = generation.getRuntimeHints();
		assertThat(RuntimeHintsPredicates.reflection()
			.onConstructorInvocation(TelemetryInjectionPoint.class.getDeclaredConstructors()[0])).accepts(hints);
		assertThat(RuntimeHintsPredicates.resource().forResource("io/telemetry/boot/browser/client.js")).accepts(hints);
		for (Class<?> type : new Class<?>[] { TelemetryProperties.class, TelemetryFilterProperties.class,
				TelemetryHandlersProperties.Handler.class, TelemetryHandlersProperties.Async.class,
				TelemetryHandlersProperties.File.class, TelemetryHandlersProperties.Console.class,
				TelemetryHandlersProperties.Tcp.class, TelemetryHandlersProperties.Reconnect.class,
				TelemetryHandlersProperties.Ssl.class, TelemetryHandlersProperties.Udp.class,
				TelemetryHandlersProperties.Syslog.class, TelemetryHandlersProperties.Bean.class,
				NamePatternsProperties.class, KindsProperties.class }) {
			assertThat(RuntimeHintsPredicates.reflection().onConstructorInvocation(type.getDeclaredConstructor()))
				.as(type.getName())
				.accepts(hints);
		}
		assertThat(RuntimeHintsPredicates.reflection()
			.onMethodInvocation(TelemetryHandlersProperties.File.class.getMethod("setPath", String.class)))
			.accepts(hints);
	}

}
