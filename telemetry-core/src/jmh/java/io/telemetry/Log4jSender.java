package io.telemetry;

import java.lang.reflect.Field;
import java.util.concurrent.TimeUnit;

import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.ThreadContext;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.Logger;
import org.apache.logging.log4j.core.appender.AbstractAppender;
import org.apache.logging.log4j.core.async.AsyncLogger;
import org.apache.logging.log4j.core.async.AsyncLoggerContext;
import org.apache.logging.log4j.core.async.DefaultAsyncQueueFullPolicy;
import org.apache.logging.log4j.core.config.Configuration;
import org.apache.logging.log4j.core.config.Property;
import org.apache.logging.log4j.core.config.builder.api.ConfigurationBuilder;
import org.apache.logging.log4j.core.config.builder.api.ConfigurationBuilderFactory;
import org.apache.logging.log4j.core.config.builder.impl.BuiltConfiguration;
import org.apache.logging.log4j.message.ReusableMessageFactory;
import org.apache.logging.log4j.message.StringMapMessage;
import org.apache.logging.log4j.util.Constants;

/**
 * Log4j at its best for what is measured: every logger asynchronous on the Disruptor, the
 * garbage-free settings, no location. A property that is set on the command line stays,
 * so that other choices can be tried.
 */
abstract class Log4jSender extends Sender {

	static final String CONTEXT_MAP = "log4j2.garbagefreeThreadContextMap";

	static final String WAIT_STRATEGY = "log4j2.asyncLoggerWaitStrategy";

	static {
		// Before any class of Log4j: most are read once.
		preset("log4j2.asyncLoggerRingBufferSize", Integer.toString(QUEUE));
		// Waits for room in a full ring; the alternative discards.
		preset("log4j2.asyncQueueFullPolicy", "Default");
		// Messages, translators and string builders are kept per thread and reused.
		preset("log4j2.enableThreadlocals", "true");
		preset("log4j2.enableDirectEncoders", "true");
		preset(CONTEXT_MAP, "true");
		// Best of Timeout (the default), Yield and Sleep when tried: producers take no
		// lock to wake the ring's reader, which costs an idle process some CPU.
		preset(WAIT_STRATEGY, "Sleep");
	}

	private final AsyncLoggerContext context = new AsyncLoggerContext("benchmark");

	final Logger logger;

	Log4jSender() {
		ConfigurationBuilder<BuiltConfiguration> builder = ConfigurationBuilderFactory.newConfigurationBuilder();
		builder.setShutdownHook("disable");
		// Location is walking the stack; the others don't either.
		builder.add(builder.newRootLogger(Level.INFO).addAttribute("includeLocation", false));
		Configuration configuration = builder.build(false);
		this.context.start(configuration);
		Destination destination = new Destination();
		destination.start();
		configuration.addAppender(destination);
		configuration.getRootLogger().addAppender(destination, null, null);
		this.context.updateLoggers();
		this.logger = this.context.getLogger(NAME);
	}

	private static void preset(String property, String value) {
		if (System.getProperty(property) == null) {
			System.setProperty(property, value);
		}
	}

	@Override
	void enter() {
		ThreadContext.put(CONTEXT_KEY, CONTEXT_VALUE);
	}

	@Override
	boolean isQueueEmpty() {
		return this.context.createRingBufferAdmin().getRemainingCapacity() == QUEUE;
	}

	/**
	 * Where several threads meet a full ring, Log4j loses a signal now and then, whatever
	 * its settings: it asks for the remaining capacity to see whether it was shut down,
	 * takes a negative one for a yes and discards. The Disruptor 3 may answer so when the
	 * ring's reader moves on between two reads, the Disruptor 4 does so all the time.
	 */
	@Override
	long tolerated(long signals) {
		return signals / 10_000;
	}

	@Override
	void checkSettings() {
		require(this.logger instanceof AsyncLogger, "The logger is a " + this.logger.getClass());
		require(this.logger.getLevel() == Level.INFO, "The level is " + this.logger.getLevel());
		require(!this.logger.get().isIncludeLocation(), "The stack is walked");
		require(Constants.ENABLE_THREADLOCALS, "Nothing is kept per thread");
		require(this.logger.getMessageFactory() instanceof ReusableMessageFactory, "Messages are not reused");
		if (Boolean.getBoolean(CONTEXT_MAP)) {
			String map = ThreadContext.getThreadContextMap().getClass().getSimpleName();
			require(map.equals("GarbageFreeSortedArrayThreadContextMap"), "The context is in a " + map);
		}
		long ring = this.context.createRingBufferAdmin().getBufferSize();
		require(ring == QUEUE, "The ring holds " + ring);
		// What no accessor shows.
		Object disruptor = field(this.context, "loggerDisruptor");
		require((boolean) field(disruptor, "useThreadLocalTranslator"), "Translators are not reused");
		require(field(disruptor, "asyncQueueFullPolicy").getClass() == DefaultAsyncQueueFullPolicy.class,
				"A full ring drops");
		String waits = field(disruptor, "waitStrategy").getClass().getSimpleName();
		require(waits.toLowerCase().startsWith(System.getProperty(WAIT_STRATEGY).toLowerCase()),
				"The ring's reader waits by " + waits);
	}

	private static Object field(Object target, String name) {
		try {
			Field field = target.getClass().getDeclaredField(name);
			field.setAccessible(true);
			return field.get(target);
		}
		catch (ReflectiveOperationException ex) {
			throw new IllegalStateException(ex);
		}
	}

	@Override
	public void close() {
		this.context.stop(1, TimeUnit.MINUTES);
	}

	private final class Destination extends AbstractAppender {

		Destination() {
			super("none", null, null, false, Property.EMPTY_ARRAY);
		}

		@Override
		public void append(LogEvent event) {
			if (isFirst()) {
				require(!event.isIncludeLocation(), "The stack was walked");
				look(event.getLevel() + " " + event.getLoggerName() + " " + event.getMessage().getFormattedMessage()
						+ " " + event.getContextData() + " " + event.getThreadName());
			}
			arrived();
		}

	}

	/**
	 * The fields as arguments of the message. It is reused and formatted on the calling
	 * thread into the ring's own buffer: nothing is allocated.
	 */
	static final class Arguments extends Log4jSender {

		@Override
		void send() {
			this.logger.info("Order {} placed for {} cents in {}", this.order, this.cents, this.country);
		}

	}

	/**
	 * The fields in a map that goes through the ring as it is, formatted by nobody.
	 */
	static final class MapMessage extends Log4jSender {

		@Override
		void send() {
			this.logger.info(new StringMapMessage(4).with("message", "Order placed")
				.with("order", this.order)
				.with("cents", this.cents)
				.with("country", this.country));
		}

	}

}
