package io.telemetry.boot.autoconfigure.channel;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

import io.telemetry.boot.InvalidSettingException;
import io.telemetry.boot.InvalidTelemetryConfigurationException;
import io.telemetry.boot.channel.ChannelSettings;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.util.unit.DataSize;

/**
 * Properties of the browser channel.
 */
@ConfigurationProperties(ChannelProperties.PREFIX)
public class ChannelProperties {

	static final String PREFIX = "telemetry.channel";

	/**
	 * Whether browsers can send to the application.
	 */
	private boolean enabled = true;

	/**
	 * Address of the WebSocket endpoint, and beginning of the other addresses. Relative
	 * to the servlet context.
	 */
	private String path = "/chsk";

	/**
	 * Origins beside the application's own whose pages may use the channel, such as
	 * https://*.example.org. Others are answered with 403.
	 */
	private List<String> allowedOriginPatterns = new ArrayList<>();

	/**
	 * Size of a WebSocket message, a character of a text counting as a byte. A larger one
	 * closes its connection with code 1009.
	 */
	private DataSize maxMessageSize = DataSize.ofKilobytes(16);

	/**
	 * Size of a batch, before and after decompression. A larger one is refused as
	 * too-large.
	 */
	private DataSize maxBatchSize = DataSize.ofKilobytes(512);

	/**
	 * Number of events in a batch. A batch with more is refused as too-many-events.
	 */
	private int maxEvents = 1000;

	/**
	 * Nesting of an event, the event itself being the first level. A deeper one is
	 * rejected as too-deep.
	 */
	private int maxDepth = 8;

	/**
	 * Characters of a text in an event. An event with a longer one is rejected as
	 * too-long.
	 */
	private int maxStringLength = 8192;

	/**
	 * Number of fields of an object in an event, a whole event holding at most 16 times
	 * as many values. An event with more is rejected as too-many-keys.
	 */
	private int maxKeys = 64;

	/**
	 * Time from the opening of a socket to CONNECT, and for the whole body of a POST. A
	 * client that takes longer is closed with code 1008, or answered with 408.
	 */
	private Duration connectTimeout = Duration.ofSeconds(15);

	/**
	 * Time that a message to a client may take while others wait. A client that reads
	 * more slowly is closed with code 1008.
	 */
	private Duration sendTimeLimit = Duration.ofSeconds(10);

	/**
	 * Size of messages that may wait for a client that reads slowly. Where more wait it
	 * is closed with code 1008.
	 */
	private DataSize sendBufferSize = DataSize.ofKilobytes(512);

	/**
	 * Interval of heart-beats that are offered to clients and asked of them. Zero is for
	 * none.
	 */
	private Duration heartBeat = Duration.ofSeconds(10);

	/**
	 * Time that a connection may send nothing at all, not even heart-beats. Then it is
	 * closed with code 1001.
	 */
	private Duration idleTimeout = Duration.ofMinutes(5);

	/**
	 * Time from the first byte of a STOMP frame to its last. A client that takes longer
	 * is closed with code 1008.
	 */
	private Duration frameTimeout = Duration.ofSeconds(60);

	/**
	 * Number of frames of one connection that may wait for a thread. While more wait the
	 * client is not read further.
	 */
	private int pendingFrames = 32;

	/**
	 * Time that the channel takes at most to stop: work in hand is finished, clients are
	 * told and connections closed.
	 */
	private Duration shutdownTimeout = Duration.ofSeconds(5);

	/**
	 * Time between two warnings of the same sort. The first is given at once, later ones
	 * tell how often it happened.
	 */
	private Duration warnInterval = Duration.ofMinutes(1);

	private final AcknowledgedMemory acknowledgedMemory = new AcknowledgedMemory();

	private final Threads threads = new Threads();

	private final Shutdown shutdown = new Shutdown();

	public boolean isEnabled() {
		return this.enabled;
	}

	public void setEnabled(boolean enabled) {
		this.enabled = enabled;
	}

	public String getPath() {
		return this.path;
	}

	public void setPath(String path) {
		this.path = path;
	}

	public List<String> getAllowedOriginPatterns() {
		return this.allowedOriginPatterns;
	}

	public void setAllowedOriginPatterns(List<String> allowedOriginPatterns) {
		this.allowedOriginPatterns = allowedOriginPatterns;
	}

	public DataSize getMaxMessageSize() {
		return this.maxMessageSize;
	}

	public void setMaxMessageSize(DataSize maxMessageSize) {
		this.maxMessageSize = maxMessageSize;
	}

	public DataSize getMaxBatchSize() {
		return this.maxBatchSize;
	}

	public void setMaxBatchSize(DataSize maxBatchSize) {
		this.maxBatchSize = maxBatchSize;
	}

	public int getMaxEvents() {
		return this.maxEvents;
	}

	public void setMaxEvents(int maxEvents) {
		this.maxEvents = maxEvents;
	}

	public int getMaxDepth() {
		return this.maxDepth;
	}

	public void setMaxDepth(int maxDepth) {
		this.maxDepth = maxDepth;
	}

	public int getMaxStringLength() {
		return this.maxStringLength;
	}

	public void setMaxStringLength(int maxStringLength) {
		this.maxStringLength = maxStringLength;
	}

	public int getMaxKeys() {
		return this.maxKeys;
	}

	public void setMaxKeys(int maxKeys) {
		this.maxKeys = maxKeys;
	}

	public Duration getConnectTimeout() {
		return this.connectTimeout;
	}

	public void setConnectTimeout(Duration connectTimeout) {
		this.connectTimeout = connectTimeout;
	}

	public Duration getSendTimeLimit() {
		return this.sendTimeLimit;
	}

	public void setSendTimeLimit(Duration sendTimeLimit) {
		this.sendTimeLimit = sendTimeLimit;
	}

	public DataSize getSendBufferSize() {
		return this.sendBufferSize;
	}

	public void setSendBufferSize(DataSize sendBufferSize) {
		this.sendBufferSize = sendBufferSize;
	}

	public Duration getHeartBeat() {
		return this.heartBeat;
	}

	public void setHeartBeat(Duration heartBeat) {
		this.heartBeat = heartBeat;
	}

	public Duration getIdleTimeout() {
		return this.idleTimeout;
	}

	public void setIdleTimeout(Duration idleTimeout) {
		this.idleTimeout = idleTimeout;
	}

	public Duration getFrameTimeout() {
		return this.frameTimeout;
	}

	public void setFrameTimeout(Duration frameTimeout) {
		this.frameTimeout = frameTimeout;
	}

	public int getPendingFrames() {
		return this.pendingFrames;
	}

	public void setPendingFrames(int pendingFrames) {
		this.pendingFrames = pendingFrames;
	}

	public Duration getShutdownTimeout() {
		return this.shutdownTimeout;
	}

	public void setShutdownTimeout(Duration shutdownTimeout) {
		this.shutdownTimeout = shutdownTimeout;
	}

	public Duration getWarnInterval() {
		return this.warnInterval;
	}

	public void setWarnInterval(Duration warnInterval) {
		this.warnInterval = warnInterval;
	}

	public AcknowledgedMemory getAcknowledgedMemory() {
		return this.acknowledgedMemory;
	}

	public Threads getThreads() {
		return this.threads;
	}

	public Shutdown getShutdown() {
		return this.shutdown;
	}

	/**
	 * The settings that these properties make.
	 * @param serverId what signals carry as {@code serverId}
	 * @param region what signals carry as {@code region}
	 * @return the settings
	 * @throws InvalidTelemetryConfigurationException if a value makes no sense
	 */
	ChannelSettings toSettings(String serverId, @Nullable String region) {
		return checked(() -> new ChannelSettings(this.path, this.allowedOriginPatterns, serverId, region,
				new ChannelSettings.Limits(bytes("max-batch-size", this.maxBatchSize), this.maxEvents, this.maxDepth,
						this.maxStringLength, this.maxKeys),
				new ChannelSettings.Memory(this.acknowledgedMemory.getBatches(), this.acknowledgedMemory.getTime()),
				new ChannelSettings.Connections(bytes("max-message-size", this.maxMessageSize), this.connectTimeout,
						this.sendTimeLimit, bytes("send-buffer-size", this.sendBufferSize), this.heartBeat,
						this.idleTimeout, this.frameTimeout, this.pendingFrames),
				new ChannelSettings.Threads(this.threads.getInbound(), this.threads.getQueue()),
				new ChannelSettings.Shutdown(this.shutdownTimeout, this.shutdown.getReconnectWithin()),
				this.warnInterval));
	}

	/**
	 * What is made of settings of the channel, with the property's whole name where one
	 * makes no sense.
	 */
	static <T> T checked(Supplier<T> settings) {
		try {
			return settings.get();
		}
		catch (InvalidSettingException ex) {
			throw invalid(ex.setting(), ex.value(), ex.reason());
		}
	}

	private static InvalidTelemetryConfigurationException invalid(String setting, Object value, String reason) {
		return new InvalidTelemetryConfigurationException(PREFIX + "." + setting, value, "the value " + reason,
				"Set it to such a value, or leave it out for the default");
	}

	private static int bytes(String name, DataSize size) {
		if (size.toBytes() > Integer.MAX_VALUE) {
			throw invalid(name, size, "must be below 2GB");
		}
		return (int) size.toBytes();
	}

	/**
	 * Answers that are kept for batches that come again.
	 */
	public static class AcknowledgedMemory {

		/**
		 * Number of accepted batches that are remembered, the oldest making room. A batch
		 * that comes again while it is remembered is not handled again.
		 */
		private int batches = 100_000;

		/**
		 * Time for which an accepted batch is remembered.
		 */
		private Duration time = Duration.ofHours(1);

		public int getBatches() {
			return this.batches;
		}

		public void setBatches(int batches) {
			this.batches = batches;
		}

		public Duration getTime() {
			return this.time;
		}

		public void setTime(Duration time) {
			this.time = time;
		}

	}

	/**
	 * Threads that work for all connections.
	 */
	public static class Threads {

		/**
		 * Number of threads that take frames from clients; as many as processors, and at
		 * least two, where not set. Where all are busy and the queue is full, the thread
		 * that reads does the work.
		 */
		private int inbound = ChannelSettings.Threads.DEFAULTS.inbound();

		/**
		 * Number of tasks that may wait for these threads.
		 */
		private int queue = 1000;

		public int getInbound() {
			return this.inbound;
		}

		public void setInbound(int inbound) {
			this.inbound = inbound;
		}

		public int getQueue() {
			return this.queue;
		}

		public void setQueue(int queue) {
			this.queue = queue;
		}

	}

	/**
	 * What clients are told when the application stops.
	 */
	public static class Shutdown {

		/**
		 * Time over which clients are asked to spread their return, each at a moment of
		 * its own choice. Zero is for not asking them.
		 */
		private Duration reconnectWithin = Duration.ofSeconds(30);

		public Duration getReconnectWithin() {
			return this.reconnectWithin;
		}

		public void setReconnectWithin(Duration reconnectWithin) {
			this.reconnectWithin = reconnectWithin;
		}

	}

}
