package io.telemetry.boot.tracing;

import java.util.LinkedHashMap;
import java.util.Map;

import io.micrometer.tracing.CurrentTraceContext;
import io.micrometer.tracing.TraceContext;
import io.micrometer.tracing.Tracer;
import io.telemetry.context.Span;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.BDDMockito.given;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.verifyNoMoreInteractions;

/**
 * {@link MicrometerTracing} with ids and attributes that a real tracer does not make.
 */
class MicrometerTracingTests {

	private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";

	private static final String SPAN = "00f067aa0ba902b7";

	private static Tracer tracer(String traceId, String spanId, String parentId, Boolean sampled) {
		TraceContext context = mock();
		given(context.traceId()).willReturn(traceId);
		given(context.spanId()).willReturn(spanId);
		given(context.parentId()).willReturn(parentId);
		given(context.sampled()).willReturn(sampled);
		CurrentTraceContext current = mock();
		given(current.context()).willReturn(context);
		Tracer tracer = mock();
		given(tracer.currentTraceContext()).willReturn(current);
		return tracer;
	}

	@Test
	void shortTraceIdIsPadded() {
		Tracer tracer = tracer("a3ce929d0e0e4736", SPAN, "00f067aa0ba902b8", true);
		MicrometerTracing tracing = new MicrometerTracing(() -> tracer);
		Span span = tracing.currentSpan();
		assertThat(span.traceId()).isEqualTo("0000000000000000a3ce929d0e0e4736");
		assertThat(span.parentId()).isEqualTo("00f067aa0ba902b8");
		assertThat(span.sampled()).isTrue();
		assertThat(tracing.currentSpan()).isSameAs(span);
	}

	@Test
	void spanWhoseSamplingIsUndecidedIsNotSampled() {
		Tracer tracer = tracer(TRACE, SPAN, null, null);
		assertThat(new MicrometerTracing(() -> tracer).currentSpan().sampled()).isFalse();
	}

	@ParameterizedTest
	@CsvSource(nullValues = "null",
			value = { "'',''", "null,null", "'',00f067aa0ba902b7", "00000000000000000000000000000000,00f067aa0ba902b7",
					"4bf92f3577b34da6a3ce929d0e0e4736,0000000000000000",
					"4bf92f3577b34da6a3ce929d0e0e4736zz,00f067aa0ba902b7" })
	void idsThatAreNoneAreNoSpan(String traceId, String spanId) {
		Tracer tracer = tracer(traceId, spanId, null, true);
		assertThat(new MicrometerTracing(() -> tracer).currentSpan()).isNull();
	}

	@Test
	void withoutATracerOrWithOneThatDoesNothingSpansAreOurOwn() {
		MicrometerTracing none = new MicrometerTracing(() -> null);
		assertThat(none.currentSpan()).isNull();
		assertThat(none.start("work", null)).isNull();
		MicrometerTracing noop = new MicrometerTracing(() -> Tracer.NOOP);
		assertThat(noop.currentSpan()).isNull();
		assertThat(noop.start("work", Span.root())).isNull();
	}

	@Test
	void tagIsCutWhereItIsLongAndLeftOutWhereThereIsNothing() {
		io.micrometer.tracing.Span span = mock();
		Map<String, Object> attributes = new LinkedHashMap<>();
		attributes.put("nothing", null);
		attributes.put("long", "x".repeat(1001));
		attributes.put("broken", new Object() {

			@Override
			public String toString() {
				throw new IllegalStateException();
			}

		});
		attributes.put("last", "value");
		SpanTags.write(attributes, span);
		verify(span).tag("long", "x".repeat(1000));
		verify(span).tag("broken", "(toString threw java.lang.IllegalStateException)");
		verify(span).tag("last", "value");
		verifyNoMoreInteractions(span);
	}

	@Test
	void numbersAndFlagsStayWhatTheyAre() {
		io.micrometer.tracing.Span span = mock();
		Map<String, Object> attributes = new LinkedHashMap<>();
		attributes.put("int", 3);
		attributes.put("double", 2.5);
		attributes.put("flag", true);
		SpanTags.write(attributes, span);
		verify(span).tag("int", 3L);
		verify(span).tag("double", 2.5);
		verify(span).tag("flag", true);
	}

}
