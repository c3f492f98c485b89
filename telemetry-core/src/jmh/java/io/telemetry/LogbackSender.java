package io.telemetry;

import ch.qos.logback.classic.AsyncAppender;
import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import ch.qos.logback.core.UnsynchronizedAppenderBase;
import org.slf4j.MDC;

/**
 * Logback at its best for what is measured: its {@code AsyncAppender} in front of an
 * appender that does nothing.
 */
abstract class LogbackSender extends Sender {

	private final LoggerContext context = new LoggerContext();

	private final AsyncAppender async = new AsyncAppender();

	final Logger logger;

	LogbackSender() {
		// The adapter behind SLF4J's MDC, as a context that SLF4J makes has it.
		this.context.setMDCAdapter(MDC.getMDCAdapter());
		this.async.setContext(this.context);
		this.async.setQueueSize(QUEUE);
		// 0: nothing of level info and below is thrown away when the queue is nearly
		// full, which else begins at 80 %.
		this.async.setDiscardingThreshold(0);
		// A full queue makes the caller wait, as it does for the others; else it drops.
		this.async.setNeverBlock(false);
		// Walking the stack would cost microseconds; the others don't either.
		this.async.setIncludeCallerData(false);
		Destination destination = new Destination();
		destination.setContext(this.context);
		destination.start();
		this.async.addAppender(destination);
		this.async.start();
		Logger root = this.context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
		root.setLevel(Level.INFO);
		root.addAppender(this.async);
		this.logger = this.context.getLogger(NAME);
	}

	@Override
	void enter() {
		MDC.put(CONTEXT_KEY, CONTEXT_VALUE);
	}

	@Override
	boolean isQueueEmpty() {
		// The queue is empty before what was in it has arrived: the count alone tells.
		return false;
	}

	@Override
	void checkSettings() {
		require(this.async.isStarted(), "The appender is not started");
		require(this.async.getRemainingCapacity() == QUEUE, "The queue holds " + this.async.getRemainingCapacity());
		require(this.async.getDiscardingThreshold() == 0, "Discards from " + this.async.getDiscardingThreshold());
		require(!this.async.isNeverBlock(), "A full queue drops");
		require(!this.async.isIncludeCallerData(), "The stack is walked");
		require(this.context.getTurboFilterList().isEmpty(), "There are turbo filters");
	}

	@Override
	public void close() {
		this.context.stop();
	}

	/**
	 * Without the lock of {@link AppenderBase}: one thread feeds it.
	 */
	private final class Destination extends UnsynchronizedAppenderBase<ILoggingEvent> {

		@Override
		protected void append(ILoggingEvent event) {
			if (isFirst()) {
				require(!event.hasCallerData(), "The stack was walked");
				look(event.getLevel() + " " + event.getLoggerName() + " " + event.getFormattedMessage() + " "
						+ event.getKeyValuePairs() + " " + event.getMDCPropertyMap() + " " + event.getThreadName());
			}
			arrived();
		}

	}

	/**
	 * The fields as arguments of the message, which is formatted on the calling thread.
	 */
	static final class Arguments extends LogbackSender {

		@Override
		void send() {
			this.logger.info("Order {} placed for {} cents in {}", this.order, this.cents, this.country);
		}

	}

	/**
	 * The fields as SLF4J's key-value pairs.
	 */
	static final class KeyValues extends LogbackSender {

		@Override
		void send() {
			this.logger.atInfo()
				.addKeyValue("order", this.order)
				.addKeyValue("cents", this.cents)
				.addKeyValue("country", this.country)
				.log("Order placed");
		}

	}

}
