package io.telemetry.boot.autoconfigure.metrics;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.telemetry.Telemetry;
import io.telemetry.boot.InvalidTelemetryConfigurationException;
import io.telemetry.boot.autoconfigure.TelemetryAutoConfiguration;
import io.telemetry.boot.autoconfigure.handler.TelemetryHandlerAutoConfiguration;
import io.telemetry.boot.metrics.MicrometerMeterSink;
import io.telemetry.metric.MeterSink;
import io.telemetry.pipeline.SignalPipeline;
import org.junit.jupiter.api.Test;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.export.prometheus.PrometheusMetricsExportAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.export.simple.SimpleMetricsExportAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * {@link TelemetryMetricsAutoConfiguration} in real applications.
 */
class TelemetryMetricsAutoConfigurationTests {

	private final ApplicationContextRunner withoutRegistry = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(TelemetryHandlerAutoConfiguration.class,
				TelemetryAutoConfiguration.class, TelemetryMetricsAutoConfiguration.class));

	private final ApplicationContextRunner runner = this.withoutRegistry
		.withConfiguration(AutoConfigurations.of(MetricsAutoConfiguration.class,
				SimpleMetricsExportAutoConfiguration.class, CompositeMeterRegistryAutoConfiguration.class));

	@Test
	void numbersAreMetersWithoutAnyProperty() {
		this.runner.run((context) -> {
			context.getBean(Telemetry.class).counter("shop.orders").increment();
			assertThat(context.getBean(MeterRegistry.class).get("shop.orders").counter().count()).isOne();
		});
		assertThat(new TelemetryMetricsProperties().isEnabled()).isTrue();
		assertThat(new TelemetryMetricsProperties().getPrefix()).isEmpty();
	}

	@Test
	void numbersAreScrapedByPrometheusBesideAnotherRegistry() {
		this.withoutRegistry
			.withConfiguration(AutoConfigurations.of(MetricsAutoConfiguration.class,
					PrometheusMetricsExportAutoConfiguration.class, CompositeMeterRegistryAutoConfiguration.class))
			.withBean("other", MeterRegistry.class, io.micrometer.core.instrument.simple.SimpleMeterRegistry::new)
			.run((context) -> {
				context.getBean(Telemetry.class).counter("shop.orders").tag("country", "nz").increment();
				assertThat(context.getBean(PrometheusMeterRegistry.class).scrape())
					.contains("shop_orders_total{country=\"nz\"} 1.0");
				assertThat(context.getBean("other", MeterRegistry.class).get("shop.orders").counter().count()).isOne();
			});
	}

	@Test
	void meterBinderAndMeterFilterMayWantTelemetry() {
		this.runner.withUserConfiguration(BinderConfiguration.class).run((context) -> {
			assertThat(context).hasNotFailed();
			MeterRegistry registry = context.getBean(MeterRegistry.class);
			context.getBean(Telemetry.class).counter("later").increment();
			assertThat(registry.get("bound").gauge().value()).isEqualTo(3);
			assertThat(registry.get("from.binder").counter().count()).isOne();
			assertThat(registry.get("later").counter().count()).isOne();
		});
	}

	@Test
	void prefixComesFromProperties() {
		this.runner.withPropertyValues("telemetry.metrics.prefix=acme").run((context) -> {
			context.getBean(Telemetry.class).counter("shop.orders").increment();
			assertThat(context.getBean(MeterRegistry.class).get("acme.shop.orders").counter().count()).isOne();
		});
	}

	@Test
	void prefixThatIsNoNameStopsTheStart() {
		this.runner.withPropertyValues("telemetry.metrics.prefix=acme.")
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.isInstanceOfSatisfying(InvalidTelemetryConfigurationException.class, (ex) -> {
					assertThat(ex.getProperty()).isEqualTo("telemetry.metrics.prefix");
					assertThat(ex.getValue()).isEqualTo("acme.");
					assertThat(ex.getReason()).contains("must be letters, digits");
					assertThat(ex.getRemedy()).isEqualTo("Set it to such a value, or leave it out for none");
				}));
	}

	@Test
	void misspeltPropertyStopsTheStart() {
		this.runner.withPropertyValues("telemetry.metrics.perfix=acme")
			.run((context) -> assertThat(context.getStartupFailure())
				.hasStackTraceContaining("telemetry.metrics.perfix"));
	}

	@Test
	void anApplicationsOwnSinkIsUsed() {
		MeterSink own = (meter) -> (value) -> {
		};
		this.runner.withBean("own", MeterSink.class, () -> own).run((context) -> {
			assertThat(context).doesNotHaveBean(MicrometerMeterSink.class);
			assertThat(context.getBean(SignalPipeline.class).meters()).isSameAs(own);
		});
	}

	@Test
	void nothingIsThereWithoutRegistryOrMicrometerOrWhenSwitchedOff() {
		this.withoutRegistry.run((context) -> {
			assertThat(context).hasNotFailed().doesNotHaveBean(MeterSink.class);
			assertThat(context.getBean(SignalPipeline.class).meters()).isSameAs(MeterSink.NONE);
		});
		this.withoutRegistry.withClassLoader(new FilteredClassLoader("io.micrometer"))
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(MeterSink.class));
		this.runner.withPropertyValues("telemetry.metrics.enabled=false")
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(MeterSink.class));
		this.runner.withPropertyValues("telemetry.enabled=false")
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(MeterSink.class));
	}

	@Configuration(proxyBeanMethods = false)
	static class BinderConfiguration {

		@Bean
		MeterBinder binder(Telemetry telemetry) {
			return (registry) -> {
				registry.gauge("bound", 3);
				telemetry.counter("from.binder").increment();
			};
		}

		@Bean
		MeterFilter filter(Telemetry telemetry) {
			telemetry.counter("from.filter").increment();
			return new MeterFilter() {
			};
		}

	}

}
