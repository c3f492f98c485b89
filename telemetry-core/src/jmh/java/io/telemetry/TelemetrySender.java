package io.telemetry;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

import io.telemetry.context.SignalContext;
import io.telemetry.context.Span;
import io.telemetry.handler.HandlerOptions;
import io.telemetry.handler.Overflow;
import io.telemetry.handler.QueueOptions;
import io.telemetry.pipeline.HandlerView;
import io.telemetry.pipeline.PipelineSettings;
import io.telemetry.pipeline.SignalPipeline;
import io.telemetry.signal.Level;
import io.telemetry.signal.Signal;
import io.telemetry.stats.Outcome;
import org.slf4j.MDC;

/**
 * This library with its defaults, but for the queue's size and what it does when it is
 * full. A tenth of the queue is kept for errors, so that 922 of the 1,024 places are
 * there for these signals; the peers have all.
 */
abstract class TelemetrySender extends Sender {

	static final String HANDLER = "none";

	private final SignalPipeline pipeline;

	final Telemetry telemetry;

	TelemetrySender() {
		this((builder) -> builder);
	}

	/**
	 * With something more.
	 */
	TelemetrySender(UnaryOperator<SignalPipeline.Builder> extra) {
		this.pipeline = extra.apply(SignalPipeline.builder())
			.handler(HANDLER, this::handle,
					HandlerOptions.DEFAULTS.withQueue(QueueOptions.DEFAULTS.withCapacity(QUEUE)
						.withOverflow(new Overflow.Block(Duration.ofMinutes(1)))))
			.build();
		this.telemetry = new Telemetry(this.pipeline, NAME);
	}

	private void handle(Signal signal) {
		if (isFirst()) {
			look(signal + " " + signal.level().toString().toUpperCase() + " " + signal.data() + " " + signal.context()
					+ " " + signal.threadName() + " " + signal.location());
		}
		arrived();
	}

	@Override
	void enter() {
		SignalContext.current().with(CONTEXT_KEY, CONTEXT_VALUE).open();
	}

	@Override
	void flush() {
		try {
			require(this.pipeline.flush(Duration.ofMinutes(1)), "The queue did not empty");
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	@Override
	boolean isQueueEmpty() {
		return handler().stats().inFlight() == 0;
	}

	@Override
	void checkSettings() {
		QueueOptions queue = handler().configured().queue();
		require(queue.capacity() == QUEUE, "The queue holds " + queue.capacity());
		require(queue.threads() == 1, "The queue has " + queue.threads() + " threads");
		require(queue.overflow() instanceof Overflow.Block, "A full queue drops");
	}

	final void sendConstant() {
		this.telemetry.log(Level.INFO, "Order placed",
				Map.of("order", this.order, "cents", this.cents, "country", this.country));
	}

	private HandlerView handler() {
		return this.pipeline.handler(HANDLER);
	}

	@Override
	public void close() {
		this.pipeline.close();
		long received = handler().stats().received();
		long handled = handler().stats().count(Outcome.HANDLED);
		require(received == handled, received + " received, " + handled + " handled: " + handler().stats());
	}

	/**
	 * {@code log(level, message, data)}.
	 */
	static final class Constant extends TelemetrySender {

		@Override
		void send() {
			sendConstant();
		}

	}

	/**
	 * The same without the context that the others have.
	 */
	static final class WithoutContext extends TelemetrySender {

		@Override
		void enter() {
			// Nothing: this is what is left out.
		}

		@Override
		List<String> expected() {
			return super.expected().stream().filter((part) -> !part.equals(CONTEXT_VALUE)).toList();
		}

		@Override
		void send() {
			sendConstant();
		}

	}

	/**
	 * Inside a span, whose ids each signal has.
	 */
	static final class InSpan extends TelemetrySender {

		@Override
		void enter() {
			SignalContext.current().with(CONTEXT_KEY, CONTEXT_VALUE).withSpan(Span.root()).open();
		}

		@Override
		void send() {
			sendConstant();
		}

	}

	/**
	 * With two keys of SLF4J's MDC, read for each signal.
	 */
	static final class WithMdc extends TelemetrySender {

		WithMdc() {
			super((builder) -> builder
				.contextSource(() -> Map.of("tenant", MDC.get("tenant"), "user", MDC.get("user"))));
		}

		@Override
		void enter() {
			super.enter();
			MDC.put("tenant", "t-1");
			MDC.put("user", "u-2");
		}

		@Override
		void send() {
			sendConstant();
		}

	}

	/**
	 * With the place in the source, for which the stack is walked.
	 */
	static final class WithLocation extends TelemetrySender {

		WithLocation() {
			super((builder) -> builder
				.settings((settings) -> settings.withLocations(PipelineSettings.Locations.ALWAYS)));
		}

		@Override
		void send() {
			sendConstant();
		}

	}

	/**
	 * {@code log(level, message supplier, data supplier)}, with a message that has to be
	 * put together.
	 */
	static final class Suppliers extends TelemetrySender {

		@Override
		void send() {
			this.telemetry.log(Level.INFO, () -> "Order " + this.order + " placed",
					() -> Map.of("order", this.order, "cents", this.cents, "country", this.country));
		}

	}

	/**
	 * {@code signal(level).message(…).data(…).emit()}, field by field.
	 */
	static final class Fields extends TelemetrySender {

		@Override
		void send() {
			this.telemetry.signal(Level.INFO)
				.message("Order placed")
				.data("order", this.order)
				.data("cents", this.cents)
				.data("country", this.country)
				.emit();
		}

	}

}
