package io.telemetry.boot.metrics;

import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.telemetry.boot.channel.ChannelStats;
import io.telemetry.boot.channel.DiagnosticsOutcome;
import io.telemetry.boot.channel.FrameRefusal;
import io.telemetry.boot.channel.RefusalReason;
import io.telemetry.boot.channel.RejectReason;
import io.telemetry.boot.channel.caller.UserAgents;
import io.telemetry.boot.channel.limit.BytesInHand;
import io.telemetry.boot.channel.limit.ConnectionLimits;
import io.telemetry.boot.channel.limit.ConnectionSlots;
import io.telemetry.boot.channel.limit.EventRates;
import io.telemetry.boot.channel.limit.RateLimits;
import io.telemetry.limit.RateLimit;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class ChannelMetersTests {

	private final AtomicLong nanos = new AtomicLong();

	private final ConnectionSlots slots = new ConnectionSlots(new ConnectionLimits(3, 2, Map.of("shop", 1)));

	private final EventRates rates = new EventRates(
			new RateLimits(null, RateLimit.parse("10/1h"), null, Map.of("shop", RateLimit.parse("50/1h")), 1));

	private final BytesInHand inHand = new BytesInHand(100_000, 1024);

	private final UserAgents userAgents = new UserAgents((header) -> Map.of());

	private double pressure = 0.25;

	private final ChannelMeters meters = new ChannelMeters(new ChannelStats(), this.slots, this.rates, this.inHand,
			this.userAgents, null, () -> this.pressure, this.nanos::get);

	@Test
	void everySeriesIsThereFromTheBeginningAtZero() {
		MeterRegistry registry = new SimpleMeterRegistry();
		this.meters.bindTo(registry);
		this.pressure = 0;
		assertThat(registry.getMeters()).allSatisfy((meter) -> assertThat(meter.measure())
			.allSatisfy((measurement) -> assertThat(measurement.getValue()).as(meter.getId().toString()).isZero()));
		assertThat(reasons(registry, "telemetry.channel.batches")).contains("none", "malformed")
			.hasSize(2 + RefusalReason.values().length);
		assertThat(reasons(registry, "telemetry.channel.events")).contains("none", "too-deep")
			.hasSize(1 + RejectReason.values().length);
		assertThat(reasons(registry, "telemetry.channel.frames.refused")).contains("bad-frame")
			.hasSize(FrameRefusal.values().length);
		assertThat(reasons(registry, "telemetry.channel.connections.refused")).containsExactlyInAnyOrder(
				"foreign-origin", "shutting-down", "too-many", "too-many-of-address", "too-many-of-application");
		assertThat(registry.find("telemetry.channel.connections.closed").meters()).hasSize(13);
	}

	@Test
	void answersToDiagnosticsAreToldByOutcome() {
		ChannelStats stats = new ChannelStats();
		stats.diagnostics(DiagnosticsOutcome.TIMED_OUT, 3);
		MeterRegistry registry = new SimpleMeterRegistry();
		new ChannelMeters(stats, null, null, null, null, null, () -> 0).bindTo(registry);
		assertThat(registry.find("telemetry.channel.diagnostics").meters()).hasSize(DiagnosticsOutcome.values().length);
		assertThat(registry.get("telemetry.channel.diagnostics").tag("outcome", "timed-out").functionCounter().count())
			.isEqualTo(3);
	}

	private static List<String> reasons(MeterRegistry registry, String name) {
		return registry.find(name).meters().stream().map((meter) -> meter.getId().getTag("reason")).toList();
	}

	@Test
	void prometheusTakesAllOfThem() {
		PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
		this.meters.bindTo(registry);
		List<Meter> meters = registry.getMeters();
		assertThat(registry.scrape().lines().filter((line) -> line.startsWith("telemetry_"))).hasSameSizeAs(meters)
			.contains("telemetry_pressure 0.25", "telemetry_channel_connections 0.0",
					"telemetry_channel_connections_closed_total{code=\"other\"} 0.0");
	}

	@Test
	void limitsAreTold() {
		MeterRegistry registry = new SimpleMeterRegistry();
		this.meters.bindTo(registry);
		this.slots.take("a", "shop");
		this.slots.take("a", "shop");
		this.slots.take("a", "blog");
		this.slots.take("a", "blog");
		this.rates.ask(null, "ann", "a", "shop", 10);
		this.rates.ask(null, "ann", "a", "shop", 7);
		this.rates.ask(null, "bob", "a", "shop", 5);
		this.nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(100));
		assertThat(registry.get("telemetry.channel.connections.refused")
			.tag("reason", "too-many-of-application")
			.functionCounter()
			.count()).isOne();
		assertThat(registry.get("telemetry.channel.connections.refused")
			.tag("reason", "too-many-of-address")
			.functionCounter()
			.count()).isOne();
		assertThat(registry.get("telemetry.channel.connections.addresses").gauge().value()).isOne();
		assertThat(registry.get("telemetry.channel.events.limited").tag("limit", "user").functionCounter().count())
			.isEqualTo(7);
		assertThat(registry.get("telemetry.channel.limit.keys").tag("limit", "user").gauge().value()).isOne();
		assertThat(registry.get("telemetry.channel.limit.overflowed").tag("limit", "user").functionCounter().count())
			.isEqualTo(5);
	}

	@Test
	void roomAndSkippedBrowsersAreTold() {
		MeterRegistry registry = new SimpleMeterRegistry();
		this.meters.bindTo(registry);
		this.inHand.reserve(700);
		this.inHand.reserve(100_000);
		for (int i = 0; i < 100; i++) {
			this.userAgents.describe("browser " + i);
		}
		this.nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(100));
		assertThat(registry.get("telemetry.channel.bytes.in.hand").gauge().value()).isEqualTo(700);
		assertThat(registry.get("telemetry.channel.bytes.in.hand.refused").functionCounter().count()).isOne();
		assertThat(registry.get("telemetry.channel.user.agents.skipped").functionCounter().count())
			.isEqualTo(this.userAgents.limited())
			.isPositive();
	}

	@Test
	void metersThatAreReadTogetherShareASnapshot() {
		MeterRegistry registry = new SimpleMeterRegistry();
		this.meters.bindTo(registry);
		this.slots.take("a", null);
		assertThat(registry.get("telemetry.channel.connections.addresses").gauge().value()).isOne();
		this.slots.take("b", null);
		this.nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(100) - 1);
		assertThat(registry.get("telemetry.channel.connections.addresses").gauge().value()).isOne();
		this.nanos.addAndGet(1);
		assertThat(registry.get("telemetry.channel.connections.addresses").gauge().value()).isEqualTo(2);
	}

	@Test
	void channelWithoutLimitsHasTheOtherMeters() {
		MeterRegistry registry = new SimpleMeterRegistry();
		new ChannelMeters(new ChannelStats(), null, null, null, null, null, () -> 0).bindTo(registry);
		assertThat(registry.find("telemetry.channel.connections").gauge()).isNotNull();
		assertThat(registry.find("telemetry.channel.limit.keys").gauge()).isNull();
	}

}
