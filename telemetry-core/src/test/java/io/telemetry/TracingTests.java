package io.telemetry;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;

import io.telemetry.context.Scope;
import io.telemetry.context.SignalContext;
import io.telemetry.context.Span;
import io.telemetry.context.Tracing;
import io.telemetry.handler.HandlerFault;
import io.telemetry.handler.HandlerOptions;
import io.telemetry.pipeline.SignalPipeline;
import io.telemetry.signal.Signal;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Spans beside a tracing system.
 */
@SuppressWarnings("try")
class TracingTests {

	private final List<Signal> signals = new ArrayList<>();

	private final List<HandlerFault> faults = new ArrayList<>();

	private final Stack tracing = new Stack();

	private Telemetry telemetry(Tracing tracing) {
		return new Telemetry(SignalPipeline.builder()
			.tracing(tracing)
			.faultListener(this.faults::add)
			.handler("memory", this.signals::add, HandlerOptions.DEFAULTS.withQueue(null))
			.build(), "com.acme.Shop");
	}

	@Test
	void signalBelongsToTheInnerOneOfTwoSpans() {
		Telemetry telemetry = telemetry(this.tracing);
		Span outer = Span.root();
		Span inner = outer.child();
		Span innermost = inner.child();
		this.tracing.current.push(outer);
		try (Scope scope = SignalContext.current().withSpan(inner).open()) {
			telemetry.log("here");
			this.tracing.current.push(innermost);
			telemetry.log("there");
		}
		assertThat(this.signals).extracting((signal) -> signal.run().spanId())
			.containsExactly(inner.spanId(), innermost.spanId());
	}

	@Test
	void spanIsStartedBelowWhatOnlyTheContextBrought() {
		Telemetry telemetry = telemetry(this.tracing);
		Span brought = Span.root();
		try (Scope scope = SignalContext.current().withSpan(brought).open()) {
			telemetry.trace("work", () -> assertThat(this.tracing.current).hasSize(1));
		}
		assertThat(this.tracing.parents).containsExactly(brought);
		assertThat(this.tracing.current).isEmpty();
		assertThat(this.signals.get(0).run().parentId()).isEqualTo(brought.spanId());
	}

	@Test
	void tracingSystemThatThrowsCostsNeitherTheWorkNorTheSignals() {
		Telemetry telemetry = telemetry(new Tracing() {

			@Override
			public Span currentSpan() {
				throw new IllegalStateException("closed");
			}

			@Override
			public StartedSpan start(String name, Span parent) {
				throw new IllegalStateException("closed");
			}

		});
		assertThat(telemetry.trace("outer", () -> telemetry.trace("inner", () -> 3))).isEqualTo(3);
		assertThat(this.signals).extracting(Signal::id).containsExactly("inner", "outer");
		assertThat(this.signals.get(0).run().parentId()).isEqualTo(this.signals.get(1).run().spanId());
		assertThat(this.faults).isNotEmpty().extracting(HandlerFault::type).containsOnly(HandlerFault.Type.TRACING);
	}

	@Test
	void startedSpanThatThrowsCostsNeitherTheWorkNorTheSignals() {
		Telemetry telemetry = telemetry(new Stack() {

			@Override
			void left() {
				throw new IllegalStateException("left");
			}

		});
		assertThat(telemetry.trace("work", () -> 3)).isEqualTo(3);
		assertThat(this.signals).extracting(Signal::id).containsExactly("work");
		assertThat(this.faults).extracting((fault) -> fault.cause().getMessage()).containsExactly("left");
	}

	/** A tracing system with one thread. */
	private static class Stack implements Tracing {

		final Deque<Span> current = new ArrayDeque<>();

		final List<Span> parents = new ArrayList<>();

		void left() {
			this.current.pop();
		}

		@Override
		public Span currentSpan() {
			return this.current.peek();
		}

		@Override
		public StartedSpan start(String name, Span parent) {
			Span span = (parent != null) ? parent.child() : Span.root();
			this.parents.add(parent);
			this.current.push(span);
			return new StartedSpan() {

				@Override
				public Span span() {
					return span;
				}

				@Override
				public void leave() {
					left();
				}

				@Override
				public void end(Map<String, Object> attributes, Throwable error) {
				}

			};
		}

	}

}
