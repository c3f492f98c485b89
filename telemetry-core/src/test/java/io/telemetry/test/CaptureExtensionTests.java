package io.telemetry.test;

import java.util.Map;

import io.telemetry.Capture;
import io.telemetry.Telemetry;
import io.telemetry.pipeline.SignalPipeline;
import io.telemetry.signal.Kind;
import io.telemetry.signal.Level;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

import static io.telemetry.test.SignalAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

@ExtendWith(CaptureExtension.class)
@Execution(ExecutionMode.CONCURRENT)
class CaptureExtensionTests {

	private static final SignalPipeline PIPELINE = SignalPipeline.builder().build();

	private final Telemetry telemetry = new Telemetry(PIPELINE, CaptureExtensionTests.class.getName());

	@BeforeEach
	void prepare() {
		this.telemetry.event("prepared");
	}

	@AfterAll
	static void close() {
		PIPELINE.close();
	}

	@Test
	void testSeesItsOwnSignals(Capture capture) {
		this.telemetry.withContext(Map.of("user", "u-1"), () -> {
			this.telemetry.event("shop/checkout", Map.of("cents", 100));
			return null;
		});
		assertThat(capture).hasSize(2)
			.hasNoErrors()
			.hasNoSignal("shop/return")
			.hasSignal("shop/checkout")
			.hasKind(Kind.EVENT)
			.hasLevel(Level.INFO)
			.hasNamespace(CaptureExtensionTests.class)
			.hasData("cents", 100)
			.hasContext("user", "u-1");
	}

	@Test
	void failureShowsTheSignals(Capture capture) {
		this.telemetry.error(new IllegalStateException("no"), Map.of("order", 7));
		assertThat(capture).last().hasError(IllegalStateException.class).hasMessage("no");
		assertThatExceptionOfType(AssertionError.class).isThrownBy(() -> assertThat(capture).hasNoErrors())
			.withMessageContaining("{order=7}");
		assertThatExceptionOfType(AssertionError.class).isThrownBy(() -> assertThat(capture).hasSignal("shop/checkout"))
			.withMessageContaining("Expected one signal 'shop/checkout' but there are 0 among")
			.withMessageContaining("prepared");
		assertThatExceptionOfType(AssertionError.class)
			.isThrownBy(() -> assertThat(capture).hasSignal("prepared").hasData("a", 1))
			.withMessageContaining("Expected the data field 'a' to be <1> but it is <null>");
		assertThatExceptionOfType(AssertionError.class).isThrownBy(() -> assertThat(capture).hasNoSignal("prepared"));
	}

}
