package io.telemetry;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

import io.telemetry.handler.HandlerFault;
import io.telemetry.handler.HandlerOptions;
import io.telemetry.metric.Meter;
import io.telemetry.pipeline.Change;
import io.telemetry.pipeline.SignalPipeline;
import io.telemetry.signal.Kind;
import io.telemetry.signal.Level;
import io.telemetry.signal.Measurement;
import io.telemetry.signal.Signal;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

class MeterTests {

	private final List<Signal> signals = new ArrayList<>();

	private final List<HandlerFault> faults = new ArrayList<>();

	private final Map<Meter, List<Double>> sink = new java.util.LinkedHashMap<>();

	private final AtomicLong nanos = new AtomicLong();

	private final SignalPipeline pipeline = SignalPipeline.builder()
		.nanoTime(this.nanos::get)
		.faultListener(this.faults::add)
		.meters((meter) -> this.sink.computeIfAbsent(meter, (key) -> new ArrayList<>())::add)
		.handler("memory", this.signals::add, HandlerOptions.DEFAULTS.withQueue(null).withMinLevel(Level.DEBUG))
		.build();

	private final Telemetry telemetry = new Telemetry(this.pipeline, "com.acme.Shop");

	@Test
	void everyNumberIsASignalAndReachesTheSink() {
		this.telemetry.counter("shop.orders").tag("country", "nz").unit("orders").increment();
		this.telemetry.gauge("shop.queue").set(-3.5);
		this.telemetry.histogram("shop.size").description("Answers").buckets(1, 10).record(4);
		assertThat(this.signals).extracting((s) -> s.kind() + " " + s.level() + " " + s.id() + " " + s.measurement())
			.containsExactly(
					"metric debug shop.orders Measurement[type=counter, value=1.0, unit=orders, tags={country=nz}]",
					"metric debug shop.queue Measurement[type=gauge, value=-3.5, unit=null, tags={}]",
					"metric debug shop.size Measurement[type=histogram, value=4.0, unit=null, tags={}]");
		assertThat(this.sink.values()).containsExactly(List.of(1.0), List.of(-3.5), List.of(4.0));
		assertThat(this.sink.keySet()).extracting(Meter::buckets)
			.containsExactly(List.of(), List.of(), List.of(1.0, 10.0));
	}

	@Test
	void sinkCountsWhateverTheFilterRefuses() {
		Counter counter = this.telemetry.counter("shop.orders");
		this.pipeline.change(List.of(Change.Pipeline.minLevel(Level.ERROR)), null);
		counter.add(2);
		assertThat(this.signals).isEmpty();
		assertThat(this.sink.values()).containsExactly(List.of(2.0));
		this.pipeline.change(List.of(Change.Pipeline.enabled(false)), null);
		counter.add(2);
		assertThat(this.sink.values()).containsExactly(List.of(2.0));
	}

	@Test
	void numbersThatMakeNoSenseAreReportedAndLeftOut() {
		this.telemetry.counter("shop.orders").add(-1);
		this.telemetry.gauge("shop.queue").set(Double.NaN);
		assertThat(this.signals).isEmpty();
		assertThat(this.sink).isEmpty();
		assertThat(this.faults).extracting((fault) -> fault.type() + " " + fault.cause().getMessage())
			.containsExactly("METER The counter 'shop.orders' can't take -1.0: it only grows",
					"METER The gauge 'shop.queue' can't take NaN");
	}

	@Test
	void sinkThatThrowsCostsNoSignal() {
		SignalPipeline broken = SignalPipeline.builder().faultListener(this.faults::add).meters((meter) -> {
			throw new IllegalArgumentException("other tags");
		})
			.handler("memory", this.signals::add, HandlerOptions.DEFAULTS.withQueue(null).withMinLevel(Level.DEBUG))
			.build();
		new Telemetry(broken, "x").counter("shop.orders").increment();
		assertThat(this.signals).hasSize(1);
		assertThat(this.faults).extracting(HandlerFault::type).containsExactly(HandlerFault.Type.METER);
	}

	@Test
	void meterThatTheSinkRefusesIsReportedOnceAndNotAskedForAgain() {
		AtomicLong asked = new AtomicLong();
		SignalPipeline broken = SignalPipeline.builder().faultListener(this.faults::add).meters((meter) -> {
			asked.incrementAndGet();
			throw new IllegalArgumentException("other tags");
		}).build();
		Counter counter = new Telemetry(broken, "x").counter("shop.orders");
		counter.increment();
		counter.increment();
		assertThat(asked).hasValue(1);
		assertThat(this.faults).hasSize(1);
	}

	@Test
	void timingEndsWhenWhatTheWorkHasBegunEnds() {
		CompletableFuture<String> future = new CompletableFuture<>();
		assertThat(this.telemetry.withTiming("stage", () -> future)).isSameAs(future);
		this.nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(30));
		assertThat(this.signals).isEmpty();
		future.completeExceptionally(new IllegalStateException());
		Mono<String> mono = this.telemetry.withTiming("mono", () -> Mono.fromCallable(() -> {
			this.nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(5));
			return "done";
		}));
		assertThat(mono.block()).isEqualTo("done");
		assertThat(mono.block()).isEqualTo("done");
		this.telemetry.withTiming("flux", () -> Flux.just(1, 2)).blockLast();
		assertThat(this.signals).extracting((s) -> s.id() + " " + s.measurement().value() + " " + s.data())
			.containsExactly("stage 30.0 {error=java.lang.IllegalStateException}", "mono 5.0 {}", "mono 5.0 {}",
					"flux 0.0 {elements=2}");
	}

	@Test
	void performanceAndTimingAreInfoInMilliseconds() {
		this.telemetry.performance("db", 12.5, Map.of("rows", 3));
		String result = this.telemetry.withTiming("work", () -> {
			this.nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(250));
			return "done";
		});
		assertThatIllegalStateException().isThrownBy(() -> this.telemetry.withTiming("broken", () -> {
			throw new IllegalStateException();
		}));
		assertThat(result).isEqualTo("done");
		assertThat(this.signals)
			.extracting((s) -> s.level() + " " + s.id() + " " + s.measurement().value() + " " + s.measurement().unit()
					+ " " + new TreeMap<>(s.data()))
			.containsExactly("info db 12.5 ms {rows=3}", "info work 250.0 ms {}",
					"info broken 0.0 ms {error=java.lang.IllegalStateException}");
		assertThat(this.signals).allSatisfy((s) -> {
			assertThat(s.kind()).isEqualTo(Kind.METRIC);
			assertThat(s.measurement().type()).isEqualTo(Measurement.Type.HISTOGRAM);
		});
	}

	@Test
	void wrongMetersAreRefused() {
		assertThatIllegalArgumentException().isThrownBy(() -> this.telemetry.counter(" "))
			.withMessage("A meter needs a name");
		assertThatIllegalArgumentException().isThrownBy(() -> this.telemetry.histogram("h").buckets(2, 1))
			.withMessageContaining("ascending, not [2.0, 1.0]");
	}

}
