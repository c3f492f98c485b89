package io.telemetry.boot.autoconfigure.intake;

import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

import io.telemetry.Telemetry;
import io.telemetry.handler.SignalHandler;
import io.telemetry.pipeline.SignalPipeline;
import io.telemetry.signal.Kind;
import io.telemetry.signal.Level;
import io.telemetry.signal.Signal;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.slf4j.LoggerFactory;

import org.springframework.boot.Banner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;

/**
 * Standard output and error as signals, in whole applications.
 */
@Timeout(120)
@ExtendWith(OutputCaptureExtension.class)
class SystemOutIntakeTests {

	private final IntakeApplication application = new IntakeApplication();

	private final List<ConfigurableApplicationContext> contexts = new ArrayList<>();

	private PrintStream out = System.out;

	private PrintStream err = System.err;

	@BeforeEach
	void remember() {
		this.out = System.out;
		this.err = System.err;
	}

	@AfterEach
	void everythingIsPutBack() {
		for (int i = this.contexts.size() - 1; i >= 0; i--) {
			this.contexts.get(i).close();
		}
		assertThat(System.out).isSameAs(this.out);
		assertThat(System.err).isSameAs(this.err);
	}

	private ConfigurableApplicationContext start(String... properties) {
		ConfigurableApplicationContext context = this.application.builder(properties).run();
		this.contexts.add(context);
		return context;
	}

	@Test
	void withoutThePropertyNothingIsTouched() {
		start(IntakeApplication.LOG);
		assertThat(System.out).isSameAs(this.out);
		assertThat(System.err).isSameAs(this.err);
		System.out.println("not heard");
		assertThat(this.application.signals()).isEmpty();
	}

	@Test
	void telemetryThatIsSwitchedOffTouchesNothing() {
		start(IntakeApplication.SYSTEM_OUT, "telemetry.enabled=false");
		assertThat(System.out).isSameAs(this.out);
	}

	@Test
	void linesAreSignalsAndArePrintedAllTheSame(CapturedOutput output) {
		start(IntakeApplication.SYSTEM_OUT);
		System.out.println("to out");
		System.err.printf("to %s%n", "err");
		List<Signal> signals = this.application.signals();
		assertThat(this.application.messages()).containsExactly("to out", "to err");
		assertThat(signals).extracting(Signal::namespace).containsExactly("System.out", "System.err");
		assertThat(signals).extracting(Signal::level).containsExactly(Level.INFO, Level.WARN);
		assertThat(signals).allMatch((signal) -> signal.kind() == Kind.LOG).allMatch(Signal::isLogged);
		assertThat(output.getOut()).contains("to out" + System.lineSeparator());
		assertThat(output.getErr()).contains("to err" + System.lineSeparator());
	}

	@Test
	void bannerIsNotTakenIn() {
		this.contexts.add(this.application.builder(IntakeApplication.SYSTEM_OUT, "spring.main.banner-mode=console")
			.bannerMode(Banner.Mode.CONSOLE)
			.run());
		assertThat(this.application.signals()).isEmpty();
	}

	@Test
	void lineThatIsNotEndedComesWhenTheApplicationCloses() {
		start(IntakeApplication.SYSTEM_OUT);
		System.out.print("half ");
		System.out.print("a line");
		assertThat(this.application.signals()).isEmpty();
		this.contexts.remove(0).close();
		assertThat(this.application.messages()).containsExactly("half a line");
		System.out.println();
	}

	@Test
	void longLineIsSeveralSignals() {
		start(IntakeApplication.SYSTEM_OUT, "telemetry.intake.system-out.max-line-length=10");
		System.out.println("0123456789abc");
		assertThat(this.application.messages()).containsExactly("0123456789", "abc");
	}

	@Test
	void lineLengthThatMakesNoSenseStopsTheStart(CapturedOutput output) {
		assertThatException()
			.isThrownBy(() -> start(IntakeApplication.SYSTEM_OUT, "telemetry.intake.system-out.max-line-length=0"));
		assertThat(output).contains("Property: telemetry.intake.system-out.max-line-length").contains("Value: \"0\"");
	}

	@Test
	void logAndConsoleHandlerDoNotComeBack(CapturedOutput output) throws Exception {
		ConfigurableApplicationContext context = start(IntakeApplication.SYSTEM_OUT, IntakeApplication.LOG,
				"telemetry.handlers.console.min-level=info", "telemetry.handlers.console.ns.allow=com.acme.*,System.*");
		LoggerFactory.getLogger("com.acme.Shop").info("an event of the log");
		System.out.println("a printed line");
		context.getBean(Telemetry.class).of("com.acme.Own").event("shop/own");
		assertThat(context.getBean(SignalPipeline.class).flush(Duration.ofSeconds(30))).isTrue();
		assertThat(this.application.signals()).hasSize(3);
		// Where it was said, and from the console handler.
		assertThat(output.getOut().split("an event of the log", -1)).hasSize(3);
		assertThat(output.getOut().split("a printed line", -1)).hasSize(3);
		// From the handlers log and console.
		assertThat(output.getOut().split("shop/own", -1)).hasSize(3);
	}

	@Test
	void printedLinesOfSeveralThreadsAreOneSignalEach() throws Exception {
		start(IntakeApplication.SYSTEM_OUT, IntakeApplication.LOG);
		int threads = 4;
		int rounds = 200;
		ExecutorService executor = Executors.newFixedThreadPool(threads);
		try {
			List<Future<?>> futures = new ArrayList<>();
			for (int i = 0; i < threads; i++) {
				int thread = i;
				futures.add(executor.submit(() -> {
					for (int j = 0; j < rounds; j++) {
						System.out.println("line " + thread + "." + j);
						LoggerFactory.getLogger("com.acme.Shop").info("event {}.{}", thread, j);
					}
				}));
			}
			for (Future<?> future : futures) {
				future.get(60, TimeUnit.SECONDS);
			}
		}
		finally {
			executor.shutdownNow();
		}
		assertThat(this.application.messages()).hasSize(2 * threads * rounds).doesNotHaveDuplicates();
	}

	@Test
	void handlerThatPrintsDoesNotFeedItself() {
		SignalHandler printing = new SignalHandler() {
			@Override
			public void handle(Signal signal) throws IOException {
				System.out.println("handling " + signal.message());
			}
		};
		this.contexts.add(
				this.application
					.builder((early) -> early.registerBean("printing", SignalHandler.class, () -> printing),
							IntakeApplication.SYSTEM_OUT, "telemetry.handlers.printing.async.mode=none",
							"telemetry.handlers.printing.ns.allow=System.*")
					.run());
		System.out.println("one");
		assertThat(this.application.messages()).containsExactlyInAnyOrder("one", "handling one");
	}

	@Test
	void ofSeveralApplicationsTheLastIsToldAndTheStreamIsPutBackAtTheEnd() {
		IntakeApplication second = new IntakeApplication();
		start(IntakeApplication.SYSTEM_OUT);
		PrintStream captured = System.out;
		ConfigurableApplicationContext context = second.builder(IntakeApplication.SYSTEM_OUT).run();
		assertThat(System.out).isSameAs(captured);
		System.out.println("second");
		context.close();
		System.out.println("first");
		assertThat(second.messages()).containsExactly("second");
		assertThat(this.application.messages()).containsExactly("first");
	}

	@Test
	void streamThatSomebodyPutOnTopIsLeftThereAndNothingIsTakenInTwice() {
		start(IntakeApplication.SYSTEM_OUT);
		PrintStream theirs = new PrintStream(System.out, true);
		PrintStream onTop = new PrintStream(theirs, true) {
			private final PrintStream below = System.out;

			@Override
			public void println(String text) {
				this.below.println(text);
			}
		};
		System.setOut(onTop);
		try {
			System.out.println("through both");
			this.contexts.remove(0).close();
			assertThat(System.out).isSameAs(onTop);
			System.out.println("nobody hears");
			IntakeApplication second = new IntakeApplication();
			ConfigurableApplicationContext context = second.builder(IntakeApplication.SYSTEM_OUT).run();
			System.out.println("once");
			context.close();
			assertThat(this.application.messages()).containsExactly("through both");
			assertThat(second.messages()).containsExactly("once");
		}
		finally {
			System.setOut(this.out);
		}
	}

	@Test
	void applicationThatFailsToStartPutsTheStreamBack() {
		assertThatException().isThrownBy(
				() -> this.application.builder((context) -> context.registerBean("failing", Object.class, () -> {
					throw new IllegalStateException("bean on purpose");
				}), IntakeApplication.SYSTEM_OUT).run());
		assertThat(System.out).isSameAs(this.out);
		assertThat(System.err).isSameAs(this.err);
	}

	@Test
	void printedLinesAreNotWrittenToTheLog(CapturedOutput output) {
		start(IntakeApplication.SYSTEM_OUT);
		System.out.println("once on the console");
		assertThat(output.getAll().split("once on the console", -1)).hasSize(2);
		assertThat(this.application.signals()).singleElement()
			.satisfies((signal) -> assertThat(signal.data()).isEqualTo(Map.of()));
	}

}
