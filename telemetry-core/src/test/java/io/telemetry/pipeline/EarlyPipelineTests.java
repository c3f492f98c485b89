package io.telemetry.pipeline;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;

import io.telemetry.Telemetry;
import io.telemetry.handler.HandlerFault;
import io.telemetry.handler.HandlerOptions;
import io.telemetry.signal.Level;
import io.telemetry.signal.Signal;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;

@Timeout(60)
class EarlyPipelineTests {

	private final AtomicReference<SignalPipeline> successor = new AtomicReference<>();

	private final EarlyPipeline early = new EarlyPipeline(this.successor::get);

	private final Telemetry telemetry = new Telemetry(this.early.pipeline(), "test");

	private final List<Signal> signals = new CopyOnWriteArrayList<>();

	private final List<HandlerFault> faults = new CopyOnWriteArrayList<>();

	private final SignalPipeline pipeline = SignalPipeline.builder()
		.faultListener(this.faults::add)
		.handler("memory", this.signals::add, HandlerOptions.DEFAULTS.withQueue(null))
		.build();

	@AfterEach
	void close() {
		this.early.close();
		this.pipeline.close();
	}

	@Test
	void whatWasKeptIsSentOnInOrderAsItWas() {
		this.telemetry.log("a");
		this.telemetry.log(Level.DEBUG, "refused by the handler");
		this.telemetry.signal(Level.WARN).logged(true).message("b").emit();
		this.early.sendOn();
		assertThat(this.signals).isEmpty();
		this.successor.set(this.pipeline);
		this.early.sendOn();
		this.telemetry.log("c");
		assertThat(this.signals).extracting(Signal::message).containsExactly("a", "b", "c");
		assertThat(this.signals).extracting(Signal::isLogged).containsExactly(false, true, false);
	}

	@Test
	void whatIsBeyondTheCapacityIsReportedOnce() {
		for (int i = 0; i < EarlyPipeline.CAPACITY + 3; i++) {
			this.telemetry.log("early");
		}
		this.successor.set(this.pipeline);
		this.early.sendOn();
		this.early.sendOn();
		assertThat(this.signals).hasSize(EarlyPipeline.CAPACITY);
		assertThat(this.faults).singleElement().satisfies((fault) -> assertThat(fault.signals()).isEqualTo(3));
	}

	@Test
	void whatWasNeverSentOnIsForgottenWhenItCloses() {
		this.telemetry.log("a");
		this.early.close();
		this.telemetry.log("b");
		this.successor.set(this.pipeline);
		this.early.sendOn();
		assertThat(this.signals).isEmpty();
		assertThat(this.telemetry.allowed(Level.ERROR)).isFalse();
	}

	@Test
	void nothingIsLostOrDoubledWhileThePipelineComes() throws Exception {
		int threads = 4;
		int each = 200;
		CountDownLatch begun = new CountDownLatch(threads);
		List<Thread> speakers = new ArrayList<>();
		for (int i = 0; i < threads; i++) {
			Thread speaker = new Thread(() -> {
				for (int j = 0; j < each; j++) {
					this.telemetry.log("m");
					begun.countDown();
				}
			});
			speakers.add(speaker);
			speaker.start();
		}
		begun.await();
		this.successor.set(this.pipeline);
		this.early.sendOn();
		for (Thread speaker : speakers) {
			speaker.join();
		}
		assertThat(this.signals).hasSize(threads * each).doesNotHaveDuplicates();
		assertThat(this.faults).isEmpty();
	}

}
