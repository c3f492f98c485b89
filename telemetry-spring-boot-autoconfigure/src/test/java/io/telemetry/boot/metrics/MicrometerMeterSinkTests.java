package io.telemetry.boot.metrics;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.telemetry.Counter;
import io.telemetry.Telemetry;
import io.telemetry.boot.InvalidSettingException;
import io.telemetry.handler.HandlerFault;
import io.telemetry.metric.Meter;
import io.telemetry.pipeline.SignalPipeline;
import io.telemetry.signal.Measurement;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * {@link MicrometerMeterSink} with real registries.
 */
@Timeout(60)
class MicrometerMeterSinkTests {

	private final List<HandlerFault> faults = new ArrayList<>();

	private final SimpleMeterRegistry simple = new SimpleMeterRegistry();

	private Telemetry telemetry(MeterRegistry registry) {
		return telemetry(new MicrometerMeterSink(() -> registry, ""));
	}

	private Telemetry telemetry(MicrometerMeterSink sink) {
		return new Telemetry(SignalPipeline.builder().meters(sink).faultListener(this.faults::add).build(), "shop");
	}

	private double dropped(MeterRegistry registry, String reason) {
		return registry.get(MicrometerMeterSink.DROPPED).tag("reason", reason).functionCounter().count();
	}

	@Test
	void prometheusScrapesCountersGaugesSummariesAndTimers() {
		PrometheusMeterRegistry prometheus = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
		Telemetry telemetry = telemetry(prometheus);
		telemetry.counter("shop.orders").tag("country", "nz").description("Orders placed").increment();
		telemetry.gauge("shop.queue").unit("orders").set(-3.5);
		telemetry.histogram("shop.size").unit("bytes").buckets(100, 1000).record(250);
		telemetry.histogram("shop.checkout").unit("ms").buckets(100, 500).record(250);
		telemetry.performance("shop.query", 12.5);
		assertThat(prometheus.scrape()).contains("shop_orders_total{country=\"nz\"} 1.0",
				"# HELP shop_orders_total Orders placed", "shop_queue_orders -3.5",
				"shop_size_bytes_bucket{le=\"100.0\"} 0", "shop_size_bytes_bucket{le=\"1000.0\"} 1",
				"shop_checkout_seconds_bucket{le=\"0.1\"} 0", "shop_checkout_seconds_bucket{le=\"0.5\"} 1",
				"shop_checkout_seconds_sum 0.25", "shop_query_seconds_sum 0.0125");
		assertThat(this.faults).isEmpty();
	}

	@ParameterizedTest
	@CsvSource({ "ns,250000000", "us,250000", "µs,250000", "ms,250", "Milliseconds,250", "s,0.25", "seconds,0.25",
			"min,0.25", "h,0.25" })
	void unitOfTimeMakesATimer(String unit, double value) {
		telemetry(this.simple).histogram("time").unit(unit).record(value);
		double seconds = unit.equals("min") ? 15 : unit.equals("h") ? 900 : 0.25;
		assertThat(this.simple.get("time").timer().totalTime(TimeUnit.SECONDS)).isEqualTo(seconds);
	}

	@Test
	void gaugeThatNobodyHoldsKeepsItsNumber() {
		telemetry(this.simple).gauge("queue").set(7);
		System.gc();
		assertThat(this.simple.get("queue").gauge().value()).isEqualTo(7);
	}

	@Test
	void objectsOfOneSeriesShareIt() {
		Telemetry telemetry = telemetry(this.simple);
		telemetry.gauge("queue").set(7);
		telemetry.gauge("queue").description("Again").set(8);
		telemetry.counter("orders").tag("country", "nz").increment();
		telemetry.counter("orders").tag("country", "nz").increment();
		assertThat(this.simple.get("queue").gauge().value()).isEqualTo(8);
		assertThat(this.simple.get("orders").tag("country", "nz").counter().count()).isEqualTo(2);
	}

	@Test
	void namesGetThePrefix() {
		telemetry(new MicrometerMeterSink(() -> this.simple, "acme.shop")).counter("orders").increment();
		assertThat(this.simple.get("acme.shop.orders").counter().count()).isOne();
	}

	@ParameterizedTest
	@ValueSource(strings = { " ", "shop.", ".shop", "a..b", "9", "a b", "a{b}" })
	void prefixThatIsNoNameIsRefused(String prefix) {
		assertThatExceptionOfType(InvalidSettingException.class)
			.isThrownBy(() -> new MicrometerMeterSink(() -> this.simple, prefix))
			.withMessageContaining("'" + prefix + "'")
			.withMessageContaining("begin with a letter");
	}

	@Test
	void unitOfSomethingElseMakesASummary() {
		telemetry(this.simple).histogram("sizes").unit("msg").record(3);
		assertThat(this.simple.get("sizes").summary().getId().getBaseUnit()).isEqualTo("msg");
	}

	@Test
	void whatContradictsTheFirstMeterOfItsNameGoesNowhereAndIsReportedOnce() {
		Telemetry telemetry = telemetry(this.simple);
		telemetry.counter("orders").tag("country", "nz").increment();
		Counter other = telemetry.counter("orders");
		other.increment();
		other.increment();
		telemetry.counter("orders").increment();
		telemetry.gauge("orders").tag("country", "nz").set(3);
		assertThat(this.simple.get("orders").counters()).hasSize(1);
		assertThat(this.faults).extracting((fault) -> fault.type() + " " + fault.cause().getMessage())
			.containsExactly("METER The meter 'orders' is a counter with no unit and the tags [country] and can't be "
					+ "a counter with no unit and no tags as well");
		assertThat(dropped(this.simple, "refused")).isEqualTo(4);
	}

	@ParameterizedTest
	@CsvSource({ "gauge,the unit orders", "counter,the unit cents" })
	void otherTypeOrUnitIsAContradiction(String type, String unit) {
		Telemetry telemetry = telemetry(this.simple);
		telemetry.counter("shop").unit("orders").increment();
		if (type.equals("gauge")) {
			telemetry.gauge("shop").unit("orders").set(3);
		}
		else {
			telemetry.counter("shop").unit("cents").increment();
		}
		assertThat(this.faults).singleElement()
			.satisfies((fault) -> assertThat(fault.cause())
				.hasMessage("The meter 'shop' is a counter with the unit orders and no tags and can't be a " + type
						+ " with " + unit + " and no tags as well"));
	}

	@Test
	void meterThatTheRegistryRefusesIsReportedOnce() {
		this.simple.counter("orders").increment();
		Telemetry telemetry = telemetry(this.simple);
		telemetry.performance("orders", 1);
		telemetry.performance("orders", 2);
		telemetry.histogram("sizes").buckets(0, 1).record(1);
		assertThat(this.faults).hasSize(2);
		assertThat(this.faults.get(0).cause()).hasMessageStartingWith("The meter 'orders' was refused: ");
		assertThat(this.faults.get(1).cause())
			.hasMessage("The meter 'sizes' was refused: its buckets must be above 0, not [0.0, 1.0]");
		assertThat(dropped(this.simple, "refused")).isEqualTo(3);
	}

	@Test
	void valueBelowZeroOfAHistogramIsCounted() {
		telemetry(this.simple).histogram("sizes").record(-1);
		assertThat(this.simple.get("sizes").summary().count()).isZero();
		assertThat(dropped(this.simple, "negative")).isOne();
	}

	@Test
	void seriesOfANameAreBounded() {
		Telemetry telemetry = telemetry(this.simple);
		int over = 5;
		for (int i = 0; i < MicrometerMeterSink.MAX_SERIES + over; i++) {
			telemetry.counter("orders").tag("customer", "c" + i).increment();
		}
		telemetry.counter("orders").tag("customer", "c0").increment();
		assertThat(this.simple.get("orders").counters()).hasSize(MicrometerMeterSink.MAX_SERIES);
		assertThat(this.simple.get("orders").tag("customer", "c0").counter().count()).isEqualTo(2);
		assertThat(dropped(this.simple, "refused")).isEqualTo(over);
		assertThat(this.faults).hasSize(1);
		assertThat(this.faults.get(0).cause())
			.hasMessage("The meter 'orders' has 1000 series already; values with other tags go nowhere");
	}

	@Test
	void namesAreBounded() {
		Telemetry telemetry = telemetry(this.simple);
		for (int i = 0; i < MicrometerMeterSink.MAX_NAMES + 2; i++) {
			telemetry.counter("orders" + i).increment();
		}
		assertThat(this.simple.find("orders999").counter()).isNotNull();
		assertThat(this.simple.find("orders1000").counter()).isNull();
		assertThat(dropped(this.simple, "refused")).isEqualTo(2);
		assertThat(this.faults).hasSize(1);
		assertThat(this.faults.get(0).cause()).hasMessage(
				"There are 1000 meter names already; further ones, of which 'orders1000' is the first, go nowhere");
	}

	@Test
	void valuesBeforeThereIsARegistryAreCountedAndLaterOnesArrive() {
		AtomicReference<MeterRegistry> registry = new AtomicReference<>();
		Counter counter = telemetry(new MicrometerMeterSink(registry::get, "")).counter("orders");
		counter.increment();
		registry.set(this.simple);
		counter.add(4);
		assertThat(this.simple.get("orders").counter().count()).isEqualTo(4);
		assertThat(dropped(this.simple, "unavailable")).isOne();
	}

	@Test
	void closedRegistryTakesNumbersQuietly() {
		Telemetry telemetry = telemetry(this.simple);
		Counter before = telemetry.counter("before");
		before.increment();
		this.simple.close();
		before.increment();
		telemetry.counter("after").increment();
		telemetry.gauge("gauge").set(1);
		telemetry.performance("time", 1);
		assertThat(this.faults).isEmpty();
	}

	@Test
	void compositeRegistryTakesNumbersForAll() {
		SimpleMeterRegistry other = new SimpleMeterRegistry();
		CompositeMeterRegistry composite = new CompositeMeterRegistry().add(this.simple).add(other);
		Telemetry telemetry = telemetry(composite);
		telemetry.counter("orders").increment();
		telemetry.gauge("queue").set(7);
		telemetry.performance("time", 5);
		assertThat(List.of(this.simple, other)).allSatisfy((registry) -> {
			assertThat(registry.get("orders").counter().count()).isOne();
			assertThat(registry.get("queue").gauge().value()).isEqualTo(7);
			assertThat(registry.get("time").timer().totalTime(TimeUnit.MILLISECONDS)).isEqualTo(5);
		});
	}

	@Test
	void threadsThatMeetAtANewSeriesLoseNothing() throws Exception {
		int threads = 8;
		int rounds = 200;
		MicrometerMeterSink sink = new MicrometerMeterSink(() -> this.simple, "");
		ExecutorService executor = Executors.newFixedThreadPool(threads);
		CountDownLatch start = new CountDownLatch(1);
		try {
			List<java.util.concurrent.Future<?>> done = new ArrayList<>();
			for (int i = 0; i < threads; i++) {
				done.add(executor.submit(() -> {
					start.await();
					for (int round = 0; round < rounds; round++) {
						sink.bind(Meter.of(Measurement.Type.COUNTER, "orders").withTag("round", "r" + round)).accept(1);
					}
					return null;
				}));
			}
			start.countDown();
			for (java.util.concurrent.Future<?> each : done) {
				each.get(30, TimeUnit.SECONDS);
			}
		}
		finally {
			executor.shutdownNow();
		}
		assertThat(this.simple.get("orders").counters()).hasSize(rounds)
			.allSatisfy((counter) -> assertThat(counter.count()).isEqualTo(threads));
	}

}
