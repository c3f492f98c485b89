package io.telemetry.boot.autoconfigure;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import io.telemetry.Capture;
import io.telemetry.Telemetry;
import io.telemetry.boot.autoconfigure.context.ContextAutoConfiguration;
import io.telemetry.context.Scope;
import io.telemetry.signal.Kind;
import io.telemetry.signal.Level;
import io.telemetry.signal.Signal;
import io.telemetry.test.CaptureExtension;
import io.telemetry.transform.SignalTransform;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.task.TaskExecutionAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;
import org.springframework.scheduling.annotation.Async;
import org.springframework.scheduling.annotation.EnableAsync;
import org.springframework.stereotype.Component;
import org.springframework.stereotype.Service;

import static io.telemetry.test.SignalAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * The examples of {@code docs/signals.md} that need Spring; the others are in the core's
 * {@code GuideTests}. They are written as the guide shows them, without {@code this}.
 */
@ExtendWith(CaptureExtension.class)
@SuppressWarnings("try")
class SignalsDocumentationTests {

	private final ApplicationContextRunner runner = new ApplicationContextRunner().withConfiguration(AutoConfigurations
		.of(TelemetryAutoConfiguration.class, ContextAutoConfiguration.class, TaskExecutionAutoConfiguration.class));

	@Test
	void injectedTelemetrySpeaksForTheClass(Capture capture) {
		this.runner.withBean(Checkout.class).run((context) -> context.getBean(Checkout.class).place(17));
		assertThat(capture).hasSignal("shop/checkout").hasNamespace(Checkout.class).hasData("order", 17);
	}

	@Test
	void transformThatIsABeanAppliesToAllSignals(Capture capture) {
		this.runner.withBean(WithoutCardNumbers.class)
			.withBean(Checkout.class)
			.run((context) -> context.getBean(Telemetry.class)
				.event("shop/payment", Map.of("card", "4111", "cents", 5)));
		assertThat(capture).hasSignal("shop/payment").hasData("card", "…").hasData("cents", 5);
	}

	@Test
	void contextFlowsToAsyncMethods(Capture capture) {
		this.runner.withUserConfiguration(AsyncConfiguration.class).withBean(Mailer.class).run((context) -> {
			Telemetry telemetry = context.getBean(Telemetry.class);
			Mailer mailer = context.getBean(Mailer.class);
			telemetry.trace("shop/checkout", () -> {
				try (Scope scope = telemetry.withContext(Map.of("order", 17))) {
					return mailer.confirm("a@example.com").get(10, TimeUnit.SECONDS);
				}
			});
		});
		assertThat(capture).hasSignal("shop/mailed").hasContext("order", 17);
		List<Signal> signals = capture.signals();
		assertThat(signals.get(0).threadName()).isNotEqualTo(signals.get(1).threadName());
		assertThat(signals.get(0).run().spanId()).isEqualTo(signals.get(1).run().spanId());
		assertThat(signals.get(1).kind()).isEqualTo(Kind.TRACE);
		assertThat(signals.get(1).level()).isEqualTo(Level.INFO);
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAsync
	static class AsyncConfiguration {

	}

	@Service
	static class Checkout {

		private final Telemetry telemetry;

		Checkout(Telemetry telemetry) {
			this.telemetry = telemetry;
		}

		void place(int order) {
			telemetry.event("shop/checkout", Map.of("order", order));
		}

	}

	@Component
	@Order(1)
	static class WithoutCardNumbers implements SignalTransform {

		@Override
		public @Nullable Signal transform(Signal signal) {
			if (!signal.data().containsKey("card")) {
				return signal;
			}
			return signal.toBuilder().addData(Map.of("card", "…")).build();
		}

	}

	static class Mailer {

		private final Telemetry telemetry;

		Mailer(Telemetry telemetry) {
			this.telemetry = telemetry;
		}

		@Async
		CompletableFuture<Void> confirm(String address) {
			telemetry.event("shop/mailed"); // in the caller's context and trace
			return CompletableFuture.completedFuture(null);
		}

	}

}
