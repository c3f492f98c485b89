package io.telemetry.boot.channel;

import java.io.IOException;
import java.time.Duration;
import java.util.List;

import io.telemetry.boot.InvalidSettingException;
import io.telemetry.boot.channel.durable.DurableLog;
import io.telemetry.boot.channel.durable.DurableSettings;
import io.telemetry.limit.RateLimit;
import org.jspecify.annotations.Nullable;

/**
 * Everything that can be set on the channel. Immutable; contradictions are refused where
 * they are made.
 *
 * @param path the address of the WebSocket endpoint and the prefix of the others, such as
 * {@code /chsk}
 * @param allowedOriginPatterns origins beside the application's own that may use the
 * channel
 * @param serverId what signals carry as {@code serverId}
 * @param region what signals carry as {@code region}, where there is one
 * @param limits what one batch may hold
 * @param memory how long answers are kept for batches that come again
 * @param connections what one connection may do and cost
 * @param threads the threads that work for all connections
 * @param shutdown how the channel stops
 * @param warnInterval time between two warnings of the same sort
 */
public record ChannelSettings(String path, List<String> allowedOriginPatterns, String serverId, @Nullable String region,
		Limits limits, Memory memory, Connections connections, Threads threads, Shutdown shutdown,
		Duration warnInterval) {

	/** What is in force where nothing is set. */
	public static final ChannelSettings DEFAULTS = new ChannelSettings("/chsk", List.of(), "unknown", null,
			Limits.DEFAULTS, Memory.DEFAULTS, Connections.DEFAULTS, Threads.DEFAULTS, Shutdown.DEFAULTS,
			Duration.ofMinutes(1));

	public ChannelSettings {
		if (!path.startsWith("/") || path.length() < 2 || path.endsWith("/") || !path.matches("[/A-Za-z0-9._~-]+")) {
			throw new InvalidSettingException("path", path, "must start with a slash, must not end with one, and may "
					+ "hold letters, digits, '.', '_', '~', '-' and slashes");
		}
		allowedOriginPatterns = List.copyOf(allowedOriginPatterns);
		Checks.positive("warn-interval", warnInterval);
		Checks.window("warn-interval", warnInterval);
	}

	/**
	 * A log for batches of these settings.
	 * @param durable where and how they are kept
	 * @return the log, to be closed
	 * @throws IOException if its files can't be opened; the message names the directory
	 * and the remedy
	 */
	public DurableLog openLog(DurableSettings durable) throws IOException {
		return new DurableLog(durable, StoredBatch.maxContent(this.limits), StoredBatch.maxReceipt(this.limits),
				this.memory.batches(), this.memory.time());
	}

	/**
	 * The same with other limits.
	 * @param limits what one batch may hold
	 * @return a copy
	 */
	public ChannelSettings withLimits(Limits limits) {
		return new ChannelSettings(this.path, this.allowedOriginPatterns, this.serverId, this.region, limits,
				this.memory, this.connections, this.threads, this.shutdown, this.warnInterval);
	}

	/**
	 * What one batch may hold.
	 *
	 * @param maxBatchSize bytes of a batch, before and after decompression
	 * @param maxEvents events in a batch
	 * @param maxDepth nesting of an event; the event itself is the first level
	 * @param maxStringLength characters of one text in an event
	 * @param maxKeys fields of one object in an event; values of a whole event are
	 * bounded by {@link #VALUES_PER_KEY} times as many
	 */
	public record Limits(int maxBatchSize, int maxEvents, int maxDepth, int maxStringLength, int maxKeys) {

		/** What is in force where nothing is set. */
		public static final Limits DEFAULTS = new Limits(512 * 1024, 1000, 8, 8192, 64);

		/** How many values an event may hold for each field that an object may have. */
		public static final int VALUES_PER_KEY = 16;

		/** The deepest nesting that can be allowed. */
		public static final int MOST_DEPTH = 100;

		public Limits {
			Checks.between("max-batch-size", maxBatchSize, 1024, 64 * 1024 * 1024);
			Checks.between("max-events", maxEvents, 1, 100_000);
			Checks.between("max-depth", maxDepth, 1, MOST_DEPTH);
			Checks.between("max-string-length", maxStringLength, 64, maxBatchSize);
			Checks.between("max-keys", maxKeys, 1, 10_000);
		}

	}

	/**
	 * How long the answer to an accepted batch is kept, so that the batch is handled once
	 * however often it comes.
	 *
	 * @param batches most batches that are remembered
	 * @param time longest time for which one is remembered
	 */
	public record Memory(int batches, Duration time) {

		/** What is in force where nothing is set. */
		public static final Memory DEFAULTS = new Memory(100_000, Duration.ofHours(1));

		public Memory {
			Checks.between("acknowledged-memory.batches", batches, 1, 10_000_000);
			Checks.positive("acknowledged-memory.time", time);
		}

	}

	/**
	 * What one connection may do and cost.
	 *
	 * @param maxMessageSize bytes (characters of a text) of one WebSocket message
	 * @param connectTimeout time from the opening of the socket to CONNECT, and for the
	 * whole body of a POST
	 * @param sendTimeLimit longest time that one message to the client may take
	 * @param sendBufferSize bytes that may wait for a client that reads slowly
	 * @param heartbeat interval of heart-beats that the server offers and asks for; zero
	 * for none
	 * @param idleTimeout longest time for which a connection may send nothing at all
	 * @param frameTimeout longest time from the first byte of a frame to its last
	 * @param pendingFrames frames of one connection that may wait for a thread; the
	 * client is not read further while there are more
	 */
	public record Connections(int maxMessageSize, Duration connectTimeout, Duration sendTimeLimit, int sendBufferSize,
			Duration heartbeat, Duration idleTimeout, Duration frameTimeout, int pendingFrames) {

		/** What is in force where nothing is set. */
		public static final Connections DEFAULTS = new Connections(16 * 1024, Duration.ofSeconds(15),
				Duration.ofSeconds(10), 512 * 1024, Duration.ofSeconds(10), Duration.ofMinutes(5),
				Duration.ofMinutes(1), 32);

		/** Subscriptions that one connection may hold at once. */
		public static final int MAX_SUBSCRIPTIONS = 16;

		public Connections {
			Checks.between("max-message-size", maxMessageSize, 256, 16 * 1024 * 1024);
			Checks.positive("connect-timeout", connectTimeout);
			Checks.positive("send-time-limit", sendTimeLimit);
			Checks.between("send-buffer-size", sendBufferSize, 1024, 64 * 1024 * 1024);
			if (heartbeat.isNegative()) {
				throw new InvalidSettingException("heart-beat", heartbeat, "must not be negative; zero is for none");
			}
			Checks.positive("idle-timeout", idleTimeout);
			Checks.positive("frame-timeout", frameTimeout);
			Checks.between("pending-frames", pendingFrames, 1, 10_000);
		}

	}

	/**
	 * The threads that work for all connections. Where both threads and queue are taken,
	 * the thread that brought the work does it: clients are read more slowly, nothing is
	 * refused.
	 *
	 * @param inbound threads that take frames from clients
	 * @param queue connections that may wait for one of them
	 */
	public record Threads(int inbound, int queue) {

		/** What is in force where nothing is set. */
		public static final Threads DEFAULTS = new Threads(Math.max(2, Runtime.getRuntime().availableProcessors()),
				1000);

		public Threads {
			Checks.between("threads.inbound", inbound, 1, 1000);
			Checks.between("threads.queue", queue, 1, 1_000_000);
		}

	}

	/**
	 * How the channel stops.
	 *
	 * @param timeout how long stopping takes at most: until then work in hand is finished
	 * and connections are closed
	 * @param reconnectWithin the time over which clients are asked to spread their
	 * return; zero for not asking
	 */
	public record Shutdown(Duration timeout, Duration reconnectWithin) {

		/** What is in force where nothing is set. */
		public static final Shutdown DEFAULTS = new Shutdown(Duration.ofSeconds(5), Duration.ofSeconds(30));

		public Shutdown {
			Checks.positive("shutdown-timeout", timeout);
			if (reconnectWithin.isNegative()) {
				throw new InvalidSettingException("shutdown.reconnect-within", reconnectWithin,
						"must not be negative; zero is for no message");
			}
		}

	}

	private static final class Checks {

		private Checks() {
		}

		static void between(String setting, int value, int least, int most) {
			if (value < least || value > most) {
				throw new InvalidSettingException(setting, value, "must be between " + least + " and " + most);
			}
		}

		static void positive(String setting, Duration value) {
			if (value.isNegative() || value.isZero()) {
				throw new InvalidSettingException(setting, value, "must be above zero");
			}
		}

		static void window(String setting, Duration value) {
			try {
				RateLimit.of(1, value);
			}
			catch (IllegalArgumentException ex) {
				throw new InvalidSettingException(setting, value,
						"must be whole milliseconds and at most " + RateLimit.MAX_PERIOD.toDays() + " days");
			}
		}

	}

}
