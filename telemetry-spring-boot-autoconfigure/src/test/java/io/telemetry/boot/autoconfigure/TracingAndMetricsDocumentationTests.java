package io.telemetry.boot.autoconfigure;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SpanProcessor;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import io.telemetry.Capture;
import io.telemetry.Telemetry;
import io.telemetry.annotation.Measured;
import io.telemetry.annotation.Traced;
import io.telemetry.boot.Documentation;
import io.telemetry.boot.autoconfigure.annotation.TelemetryAnnotationsAutoConfiguration;
import io.telemetry.boot.autoconfigure.metrics.TelemetryMetricsAutoConfiguration;
import io.telemetry.boot.autoconfigure.tracing.TelemetryTracingAutoConfiguration;
import io.telemetry.signal.Level;
import io.telemetry.signal.Run;
import io.telemetry.signal.Signal;
import io.telemetry.test.CaptureExtension;
import org.aopalliance.intercept.MethodInterceptor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.aop.framework.ProxyFactory;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.export.prometheus.PrometheusMetricsExportAutoConfiguration;
import org.springframework.boot.micrometer.observation.autoconfigure.ObservationAutoConfiguration;
import org.springframework.boot.micrometer.tracing.autoconfigure.MicrometerTracingAutoConfiguration;
import org.springframework.boot.micrometer.tracing.opentelemetry.autoconfigure.OpenTelemetryTracingAutoConfiguration;
import org.springframework.boot.opentelemetry.autoconfigure.OpenTelemetrySdkAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.PropertySource;
import org.springframework.core.io.ByteArrayResource;
import org.springframework.stereotype.Service;

import static io.telemetry.test.SignalAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * The examples of {@code docs/tracing-and-metrics.md}, each doing what the page says.
 * They are written as the page shows them, without {@code this}.
 */
@ExtendWith(CaptureExtension.class)
class TracingAndMetricsDocumentationTests {

	private static final String PAGE = "tracing-and-metrics.md";

	private static final Path SOURCE = Path.of("src", "test", "java", "io", "telemetry", "boot", "autoconfigure",
			"TracingAndMetricsDocumentationTests.java");

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(TelemetryAutoConfiguration.class,
				TelemetryAnnotationsAutoConfiguration.class, TelemetryMetricsAutoConfiguration.class,
				TelemetryTracingAutoConfiguration.class, ObservationAutoConfiguration.class,
				OpenTelemetrySdkAutoConfiguration.class, OpenTelemetryTracingAutoConfiguration.class,
				MicrometerTracingAutoConfiguration.class, MetricsAutoConfiguration.class,
				PrometheusMetricsExportAutoConfiguration.class, CompositeMeterRegistryAutoConfiguration.class))
		.withPropertyValues("management.tracing.sampling.probability=1")
		.withUserConfiguration(ExporterConfiguration.class);

	/** Space is the formatter's, and classes are static only because they are nested. */
	private static String withoutSpace(String text) {
		return text.replaceAll("\\bstatic (?=(class|interface) )|\\s+", "");
	}

	@Test
	void everyBlockOfThePageIsAnExampleThatRuns() throws IOException {
		String examples = withoutSpace(Files.readString(SOURCE));
		assertThat(Documentation.blocks(PAGE, "java")).hasSize(4)
			.allSatisfy((block) -> assertThat(examples).contains(withoutSpace(block)));
	}

	@Test
	void observationTraceAndSignalsAreOneTrace(Capture capture) {
		this.runner.withBean(Shop.class).run((context) -> {
			context.getBean(Shop.class).checkout(3900);
			List<SpanData> spans = context.getBean(InMemorySpanExporter.class).getFinishedSpanItems();
			assertThat(spans).extracting(SpanData::getName).containsExactly("charge", "shop/payment", "checkout");
			SpanData payment = spans.get(1);
			SpanData checkout = spans.get(2);
			assertThat(spans.get(0).getParentSpanId()).isEqualTo(payment.getSpanId());
			assertThat(payment.getParentSpanId()).isEqualTo(checkout.getSpanId());
			assertThat(payment.getAttributes().get(AttributeKey.longKey("cents"))).isEqualTo(3900);
			Run event = capture.signals().get(0).run();
			assertThat(event.spanId()).isEqualTo(checkout.getSpanId());
			assertThat(event.traceId()).isEqualTo(payment.getTraceId());
		});
	}

	@Test
	void traceThatTheFilterRefusesIsNoSpan() {
		this.runner.withPropertyValues("telemetry.filter.min-level=warn").withBean(Shop.class).run((context) -> {
			context.getBean(Shop.class).checkout(3900);
			assertThat(context.getBean(InMemorySpanExporter.class).getFinishedSpanItems()).extracting(SpanData::getName)
				.containsExactly("charge", "checkout");
		});
	}

	@Test
	void traceThatSamplingLeavesOutIsASpanWithoutASignal(Capture capture) {
		this.runner.withPropertyValues("telemetry.filter.sample-rate=0").withBean(Shop.class).run((context) -> {
			context.getBean(Shop.class).checkout(3900);
			assertThat(context.getBean(InMemorySpanExporter.class).getFinishedSpanItems()).extracting(SpanData::getName)
				.containsExactly("charge", "shop/payment", "checkout");
		});
		assertThat(capture.signals()).isEmpty();
	}

	@Test
	void metersAreScrapedAsThePageShowsThem() throws IOException {
		List<String> lines = Documentation.blocks(PAGE, "text").get(0).lines().toList();
		this.runner.withPropertyValues("telemetry.filter.min-level=fatal").run((context) -> {
			Telemetry telemetry = context.getBean(Telemetry.class);
			telemetry.counter("shop.orders").tag("country", "nz").increment();
			telemetry.gauge("shop.waiting").set(3);
			telemetry.histogram("shop.size").unit("bytes").buckets(100, 1000).record(250);
			telemetry.performance("shop.query", 12.5);
			assertThat(context.getBean(PrometheusMeterRegistry.class).scrape().lines()).containsAll(lines);
		});
	}

	@Test
	void prefixIsThatOfTheMeterAndNotOfTheSignal(Capture capture) throws IOException {
		PropertySource<?> properties = new YamlPropertySourceLoader()
			.load("example",
					new ByteArrayResource(Documentation.blocks(PAGE, "yaml").get(0).getBytes(StandardCharsets.UTF_8)))
			.get(0);
		this.runner.withInitializer((context) -> context.getEnvironment().getPropertySources().addLast(properties))
			.run((context) -> {
				context.getBean(Telemetry.class).performance("shop.orders", 1);
				assertThat(context.getBean(MeterRegistry.class).get("acme.shop.orders").timer().count()).isOne();
			});
		assertThat(capture).hasSignal("shop.orders");
	}

	@Test
	void annotatedMethodsAreTraced(Capture capture) {
		this.runner.withBean(Checkout.class).run((context) -> {
			Checkout checkout = context.getBean(Checkout.class);
			assertThat(checkout.placeOrder(5)).isEqualTo(5);
			assertThat(checkout.refund(5)).isEqualTo(-5);
			assertThat(checkout.price(4)).isEqualTo(4000);
			assertThat(context.getBean(MeterRegistry.class).get("shop.price").timer().count()).isOne();
		});
		assertThat(capture).hasSignal("checkout/place-order").hasNamespace(Checkout.class).hasLevel(Level.INFO);
		assertThat(capture).hasSignal("shop/refund").hasLevel(Level.WARN);
		assertThat(capture).extracting(Signal::id).containsExactly("checkout/place-order", "shop/refund", "shop.price");
	}

	@Test
	void methodsOfAnAnnotatedInterfaceAreTraced(Capture capture) {
		MethodInterceptor client = (invocation) -> "paid";
		this.runner.withBean(Bank.class, () -> ProxyFactory.getProxy(Bank.class, client))
			.run((context) -> assertThat(context.getBean(Bank.class).charge(5)).isEqualTo("paid"));
		assertThat(capture).hasSignal("bank/charge").hasNamespace(Bank.class);
	}

	@Test
	void everyPropertyAndReasonIsDocumented() throws IOException {
		assertThat(Files.readString(Path.of("..", "docs", PAGE))).contains("telemetry.tracing.enabled",
				"telemetry.metrics.enabled", "telemetry.metrics.prefix", "telemetry.annotations.enabled",
				"telemetry.meters.dropped", "`refused`", "`negative`", "`unavailable`");
	}

	@Configuration(proxyBeanMethods = false)
	static class ExporterConfiguration {

		@Bean
		InMemorySpanExporter exporter() {
			return InMemorySpanExporter.create();
		}

		@Bean
		SpanProcessor processor(InMemorySpanExporter exporter) {
			return SimpleSpanProcessor.create(exporter);
		}

	}

	static class Shop {

		private final Telemetry telemetry;

		private final ObservationRegistry observations;

		private final ObservedBank bank;

		Shop(Telemetry telemetry, ObservationRegistry observations) {
			this.telemetry = telemetry;
			this.observations = observations;
			this.bank = new ObservedBank(observations);
		}

		void checkout(int cents) {
			Observation.createNotStarted("checkout", observations).observe(() -> {
				telemetry.event("shop/cart-closed");
				telemetry.trace("shop/payment", () -> {
					telemetry.attribute("cents", cents);
					bank.charge(cents);
				});
			});
		}

	}

	record ObservedBank(ObservationRegistry observations) {

		void charge(int cents) {
			Observation.createNotStarted("charge", this.observations).observe(() -> assertThat(cents).isPositive());
		}

	}

	@Service
	static class Checkout {

		@Traced
		public int placeOrder(int cents) {
			return cents;
		}

		@Traced(value = "shop/refund", level = "warn", withResult = true)
		public int refund(int cents) {
			return -cents;
		}

		@Measured("shop.price")
		public int price(int product) {
			return product * 1000;
		}

	}

	@Traced("bank")
	interface Bank {

		String charge(int cents); // bank/charge

	}

}
