package io.telemetry.pipeline;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import io.telemetry.Telemetry;
import io.telemetry.handler.HandlerFault;
import io.telemetry.handler.HandlerOptions;
import io.telemetry.signal.Level;
import io.telemetry.signal.ServiceIdentity;
import io.telemetry.signal.Signal;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

import static org.assertj.core.api.Assertions.assertThat;

@Isolated
class GlobalPipelineTests {

	private static final Telemetry TELEMETRY = Telemetry.global(GlobalPipelineTests.class);

	private final List<SignalPipeline> pipelines = new ArrayList<>();

	private final List<HandlerFault> faults = new CopyOnWriteArrayList<>();

	private SignalPipeline pipeline(String name, List<Signal> signals, Level level) {
		SignalPipeline pipeline = SignalPipeline.builder()
			.service(new ServiceIdentity(name, null, null, null, null, null))
			.faultListener(this.faults::add)
			.handler("memory", signals::add, HandlerOptions.DEFAULTS.withQueue(null).withMinLevel(level))
			.build();
		this.pipelines.add(pipeline);
		return pipeline;
	}

	@AfterEach
	void takeBack() {
		this.pipelines.forEach((pipeline) -> {
			GlobalPipeline.uninstall(pipeline);
			pipeline.close();
		});
	}

	@Test
	void signalsMadeBeforeThereIsAPipelineArriveWithItsFilterAndService() {
		TELEMETRY.log(Level.DEBUG, "early detail");
		TELEMETRY.log(Level.INFO, "early");
		List<Signal> signals = new ArrayList<>();
		GlobalPipeline.install(pipeline("shop", signals, Level.INFO));
		TELEMETRY.log(Level.INFO, "late");
		assertThat(signals).extracting(Signal::message).containsExactly("early", "late");
		assertThat(signals).extracting((signal) -> signal.service().name()).containsExactly("shop", "shop");
		assertThat(signals.get(0).namespace()).isEqualTo(GlobalPipelineTests.class.getName());
		assertThat(TELEMETRY.allowed(Level.DEBUG)).isFalse();
	}

	@Test
	void lastInstalledCountsAndTheOneBeforeReturns() {
		List<Signal> first = new ArrayList<>();
		List<Signal> second = new ArrayList<>();
		SignalPipeline one = pipeline("one", first, Level.INFO);
		SignalPipeline two = pipeline("two", second, Level.DEBUG);
		GlobalPipeline.install(one);
		TELEMETRY.log("a");
		GlobalPipeline.install(two);
		TELEMETRY.log(Level.DEBUG, "b");
		GlobalPipeline.uninstall(two);
		TELEMETRY.log(Level.DEBUG, "c");
		TELEMETRY.log("d");
		assertThat(first).extracting(Signal::message).containsExactly("a", "d");
		assertThat(second).extracting(Signal::message).containsExactly("b");
		assertThat(TELEMETRY.pipeline()).isSameAs(one);
	}

	@Test
	void signalsAreKeptAgainWhenTheOnlyPipelineHasGone() {
		SignalPipeline gone = pipeline("gone", new ArrayList<>(), Level.INFO);
		GlobalPipeline.install(gone);
		TELEMETRY.log("a");
		GlobalPipeline.uninstall(gone);
		gone.close();
		TELEMETRY.log("between");
		List<Signal> signals = new ArrayList<>();
		GlobalPipeline.install(pipeline("next", signals, Level.INFO));
		assertThat(signals).extracting(Signal::message).containsExactly("between");
	}

	@Test
	void whatIsBeyondTheCapacityIsReported() {
		for (int i = 0; i < GlobalPipeline.CAPACITY + 3; i++) {
			TELEMETRY.log("early");
		}
		List<Signal> signals = new ArrayList<>();
		GlobalPipeline.install(pipeline("shop", signals, Level.INFO));
		assertThat(signals).hasSize(GlobalPipeline.CAPACITY);
		assertThat(this.faults).singleElement().satisfies((fault) -> {
			assertThat(fault.type()).isEqualTo(HandlerFault.Type.OVERFLOW);
			assertThat(fault.signals()).isEqualTo(3);
		});
	}

}
