package io.telemetry.boot.autoconfigure.handler;

import java.time.Duration;
import java.time.ZoneId;
import java.util.LinkedHashMap;
import java.util.Map;

import io.telemetry.boot.autoconfigure.KindsProperties;
import io.telemetry.boot.autoconfigure.NamePatternsProperties;
import io.telemetry.encode.SyslogSignalEncoder.Facility;
import io.telemetry.handler.console.ConsoleColor;
import io.telemetry.handler.socket.TcpFraming;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.NestedConfigurationProperty;
import org.springframework.util.unit.DataSize;

/**
 * Properties of handlers. What is not set is as the handler's type has it.
 */
@ConfigurationProperties("telemetry")
public class TelemetryHandlersProperties {

	/**
	 * Handlers by name.
	 */
	private final Map<String, Handler> handlers = new LinkedHashMap<>();

	public Map<String, Handler> getHandlers() {
		return this.handlers;
	}

	/**
	 * One handler.
	 */
	public static class Handler {

		/**
		 * Type of the handler. A handler that is named as a type, and a handler that is a
		 * bean, need none.
		 */
		private @Nullable String type;

		/**
		 * Whether the handler exists.
		 */
		private boolean enabled = true;

		/**
		 * Lowest level that the handler is given, by name or number.
		 */
		private @Nullable String minLevel;

		@NestedConfigurationProperty
		private final NamePatternsProperties ns = new NamePatternsProperties();

		@NestedConfigurationProperty
		private final NamePatternsProperties id = new NamePatternsProperties();

		@NestedConfigurationProperty
		private final KindsProperties kind = new KindsProperties();

		/**
		 * Expression that has to be true of what the handler is given, such as "level >=
		 * warn or data.amount > 100".
		 */
		private @Nullable String when;

		/**
		 * Share of signals that the handler is given, from 0 to 1.
		 */
		private @Nullable Double sampleRate;

		/**
		 * How many signals the handler is given in a time, written as windows such as
		 * "5/1m, 100/1h" that hold at once.
		 */
		private @Nullable String rateLimit;

		/**
		 * Handlers with a higher priority are fed first.
		 */
		private @Nullable Integer priority;

		/**
		 * Whether the handler loses nothing of what the channel acknowledged as durable:
		 * it waits for room in the queue instead of dropping it, and is tried again after
		 * a failure that passes. Needs a queue.
		 */
		private @Nullable Boolean durable;

		/**
		 * Form in which the handler writes signals: json, ecs, logfmt, edn, transit,
		 * pretty, cbor, msgpack, syslog or the name of a SignalEncoder bean.
		 */
		private @Nullable String format;

		@NestedConfigurationProperty
		private final Async async = new Async();

		@NestedConfigurationProperty
		private final Console console = new Console();

		@NestedConfigurationProperty
		private final File file = new File();

		@NestedConfigurationProperty
		private final Tcp tcp = new Tcp();

		@NestedConfigurationProperty
		private final Udp udp = new Udp();

		@NestedConfigurationProperty
		private final Syslog syslog = new Syslog();

		@NestedConfigurationProperty
		private final Bean bean = new Bean();

		public @Nullable String getType() {
			return this.type;
		}

		public void setType(@Nullable String type) {
			this.type = type;
		}

		public boolean isEnabled() {
			return this.enabled;
		}

		public void setEnabled(boolean enabled) {
			this.enabled = enabled;
		}

		public @Nullable String getMinLevel() {
			return this.minLevel;
		}

		public void setMinLevel(@Nullable String minLevel) {
			this.minLevel = minLevel;
		}

		public NamePatternsProperties getNs() {
			return this.ns;
		}

		public NamePatternsProperties getId() {
			return this.id;
		}

		public KindsProperties getKind() {
			return this.kind;
		}

		public @Nullable String getWhen() {
			return this.when;
		}

		public void setWhen(@Nullable String when) {
			this.when = when;
		}

		public @Nullable Double getSampleRate() {
			return this.sampleRate;
		}

		public void setSampleRate(@Nullable Double sampleRate) {
			this.sampleRate = sampleRate;
		}

		public @Nullable String getRateLimit() {
			return this.rateLimit;
		}

		public void setRateLimit(@Nullable String rateLimit) {
			this.rateLimit = rateLimit;
		}

		public @Nullable Integer getPriority() {
			return this.priority;
		}

		public void setPriority(@Nullable Integer priority) {
			this.priority = priority;
		}

		public @Nullable Boolean getDurable() {
			return this.durable;
		}

		public void setDurable(@Nullable Boolean durable) {
			this.durable = durable;
		}

		public @Nullable String getFormat() {
			return this.format;
		}

		public void setFormat(@Nullable String format) {
			this.format = format;
		}

		public Async getAsync() {
			return this.async;
		}

		public Console getConsole() {
			return this.console;
		}

		public File getFile() {
			return this.file;
		}

		public Tcp getTcp() {
			return this.tcp;
		}

		public Udp getUdp() {
			return this.udp;
		}

		public Syslog getSyslog() {
			return this.syslog;
		}

		public Bean getBean() {
			return this.bean;
		}

	}

	/**
	 * The queue before a handler.
	 */
	public static class Async {

		/**
		 * What a full queue does: blocking lets the caller wait for room, dropping drops
		 * the newest signal, sliding the oldest; none calls the handler without a queue.
		 */
		private @Nullable Mode mode;

		/**
		 * Number of signals that the queue holds at most. A tenth of it is kept for
		 * errors.
		 */
		private @Nullable Integer bufferSize;

		/**
		 * Number of threads that feed the handler. With more than one, order is lost.
		 */
		private @Nullable Integer threads;

		/**
		 * Number of signals that the handler is given at once, at most.
		 */
		private @Nullable Integer batchSize;

		/**
		 * How long a signal waits at most for its batch to fill.
		 */
		private @Nullable Duration batchInterval;

		/**
		 * How long a caller waits for room at most, in mode blocking. Afterwards the
		 * signal is dropped and counted.
		 */
		private @Nullable Duration blockTimeout;

		/**
		 * How long shutdown waits for the queue to empty. What is left is counted as
		 * dropped.
		 */
		private @Nullable Duration drainTimeout;

		public @Nullable Mode getMode() {
			return this.mode;
		}

		public void setMode(@Nullable Mode mode) {
			this.mode = mode;
		}

		public @Nullable Integer getBufferSize() {
			return this.bufferSize;
		}

		public void setBufferSize(@Nullable Integer bufferSize) {
			this.bufferSize = bufferSize;
		}

		public @Nullable Integer getThreads() {
			return this.threads;
		}

		public void setThreads(@Nullable Integer threads) {
			this.threads = threads;
		}

		public @Nullable Integer getBatchSize() {
			return this.batchSize;
		}

		public void setBatchSize(@Nullable Integer batchSize) {
			this.batchSize = batchSize;
		}

		public @Nullable Duration getBatchInterval() {
			return this.batchInterval;
		}

		public void setBatchInterval(@Nullable Duration batchInterval) {
			this.batchInterval = batchInterval;
		}

		public @Nullable Duration getBlockTimeout() {
			return this.blockTimeout;
		}

		public void setBlockTimeout(@Nullable Duration blockTimeout) {
			this.blockTimeout = blockTimeout;
		}

		public @Nullable Duration getDrainTimeout() {
			return this.drainTimeout;
		}

		public void setDrainTimeout(@Nullable Duration drainTimeout) {
			this.drainTimeout = drainTimeout;
		}

		/**
		 * Whether there is a queue, and what it does when it is full.
		 */
		public enum Mode {

			/** The caller waits for room, for a limited time. */
			BLOCKING,

			/** The newest signal is dropped. */
			DROPPING,

			/** The oldest signal is dropped. */
			SLIDING,

			/** There is no queue; the handler is called by whoever makes the signal. */
			NONE

		}

	}

	/**
	 * Settings of handlers of type console.
	 */
	public static class Console {

		/**
		 * Stream to write to.
		 */
		private Target target = Target.STDOUT;

		/**
		 * Whether to write in colour, where the format has colours. When left to be found
		 * out, a terminal has them unless NO_COLOR is set.
		 */
		private ConsoleColor color = ConsoleColor.AUTO;

		public Target getTarget() {
			return this.target;
		}

		public void setTarget(Target target) {
			this.target = target;
		}

		public ConsoleColor getColor() {
			return this.color;
		}

		public void setColor(ConsoleColor color) {
			this.color = color;
		}

		/**
		 * A stream of the process.
		 */
		public enum Target {

			/** Standard output. */
			STDOUT,

			/** Standard error. */
			STDERR,

			/** Errors and above to standard error, the rest to standard output. */
			SPLIT

		}

	}

	/**
	 * Settings of handlers of type file.
	 */
	public static class File {

		/**
		 * File to write to. Directories are made where they are missing. May have
		 * ${date}, ${host}, ${service} and ${session} in it.
		 */
		private String path = "logs/telemetry.jsonl";

		/**
		 * What begins a new file: the day, the hour or the size alone; never leaves that
		 * to others.
		 */
		private Rotation rotation = Rotation.DAILY;

		/**
		 * Size of a file at which the next one is begun.
		 */
		private @Nullable DataSize maxSize;

		/**
		 * Whether files that have ended are compressed.
		 */
		private @Nullable Boolean compress;

		/**
		 * How long a file is kept after it was last written to.
		 */
		private @Nullable Duration maxAge;

		/**
		 * Number of files that are kept, compressed or not.
		 */
		private @Nullable Integer maxFiles;

		/**
		 * Size of all files together above which the oldest are deleted.
		 */
		private @Nullable DataSize maxTotalSize;

		/**
		 * When what is written is forced onto the disk. With none only at shutdown.
		 */
		private Sync sync = Sync.NONE;

		/**
		 * How long what is written may be in memory only, with the sync interval.
		 */
		private @Nullable Duration syncInterval;

		/**
		 * Number of files that are open at once, where each session has one.
		 */
		private @Nullable Integer maxOpenFiles;

		/**
		 * Time zone in which days and hours begin. That of the process where nothing is
		 * said.
		 */
		private @Nullable ZoneId zone;

		public String getPath() {
			return this.path;
		}

		public void setPath(String path) {
			this.path = path;
		}

		public Rotation getRotation() {
			return this.rotation;
		}

		public void setRotation(Rotation rotation) {
			this.rotation = rotation;
		}

		public @Nullable DataSize getMaxSize() {
			return this.maxSize;
		}

		public void setMaxSize(@Nullable DataSize maxSize) {
			this.maxSize = maxSize;
		}

		public @Nullable Boolean getCompress() {
			return this.compress;
		}

		public void setCompress(@Nullable Boolean compress) {
			this.compress = compress;
		}

		public @Nullable Duration getMaxAge() {
			return this.maxAge;
		}

		public void setMaxAge(@Nullable Duration maxAge) {
			this.maxAge = maxAge;
		}

		public @Nullable Integer getMaxFiles() {
			return this.maxFiles;
		}

		public void setMaxFiles(@Nullable Integer maxFiles) {
			this.maxFiles = maxFiles;
		}

		public @Nullable DataSize getMaxTotalSize() {
			return this.maxTotalSize;
		}

		public void setMaxTotalSize(@Nullable DataSize maxTotalSize) {
			this.maxTotalSize = maxTotalSize;
		}

		public Sync getSync() {
			return this.sync;
		}

		public void setSync(Sync sync) {
			this.sync = sync;
		}

		public @Nullable Duration getSyncInterval() {
			return this.syncInterval;
		}

		public void setSyncInterval(@Nullable Duration syncInterval) {
			this.syncInterval = syncInterval;
		}

		public @Nullable Integer getMaxOpenFiles() {
			return this.maxOpenFiles;
		}

		public void setMaxOpenFiles(@Nullable Integer maxOpenFiles) {
			this.maxOpenFiles = maxOpenFiles;
		}

		public @Nullable ZoneId getZone() {
			return this.zone;
		}

		public void setZone(@Nullable ZoneId zone) {
			this.zone = zone;
		}

		/**
		 * What begins a new file.
		 */
		public enum Rotation {

			/** The day, and the size. */
			DAILY,

			/** The hour, and the size. */
			HOURLY,

			/** The size alone. */
			SIZE,

			/** Nothing. */
			NEVER

		}

		/**
		 * When what is written is forced onto the disk.
		 */
		public enum Sync {

			/** At shutdown only. */
			NONE,

			/** After each batch. */
			BATCH,

			/** After a time at most. */
			INTERVAL

		}

	}

	/**
	 * Settings of handlers of type tcp.
	 */
	public static class Tcp {

		/**
		 * Name or address of the peer.
		 */
		private @Nullable String host;

		/**
		 * Port of the peer.
		 */
		private @Nullable Integer port;

		/**
		 * What tells the peer where a signal ends: newline after it, or its length in
		 * bytes and a space before it. Binary formats need neither.
		 */
		private @Nullable TcpFraming framing;

		/**
		 * How long connecting to one address of the peer, and the TLS handshake, may
		 * take.
		 */
		private Duration connectTimeout = Duration.ofSeconds(5);

		/**
		 * How long the peer may take nothing in before the connection is given up.
		 */
		private Duration writeTimeout = Duration.ofSeconds(10);

		/**
		 * Whether the application starts only if the peer can be reached.
		 */
		private boolean failFast;

		@NestedConfigurationProperty
		private final Reconnect reconnect = new Reconnect();

		@NestedConfigurationProperty
		private final Ssl ssl = new Ssl();

		public @Nullable String getHost() {
			return this.host;
		}

		public void setHost(@Nullable String host) {
			this.host = host;
		}

		public @Nullable Integer getPort() {
			return this.port;
		}

		public void setPort(@Nullable Integer port) {
			this.port = port;
		}

		public @Nullable TcpFraming getFraming() {
			return this.framing;
		}

		public void setFraming(@Nullable TcpFraming framing) {
			this.framing = framing;
		}

		public Duration getConnectTimeout() {
			return this.connectTimeout;
		}

		public void setConnectTimeout(Duration connectTimeout) {
			this.connectTimeout = connectTimeout;
		}

		public Duration getWriteTimeout() {
			return this.writeTimeout;
		}

		public void setWriteTimeout(Duration writeTimeout) {
			this.writeTimeout = writeTimeout;
		}

		public boolean isFailFast() {
			return this.failFast;
		}

		public void setFailFast(boolean failFast) {
			this.failFast = failFast;
		}

		public Reconnect getReconnect() {
			return this.reconnect;
		}

		public Ssl getSsl() {
			return this.ssl;
		}

	}

	/**
	 * What a handler does while its peer is away.
	 */
	public static class Reconnect {

		/**
		 * Longest pause after the first failed attempt. It doubles with each further one;
		 * how much of it is used is left to chance.
		 */
		private Duration initialDelay = Duration.ofMillis(100);

		/**
		 * Longest pause between two attempts.
		 */
		private Duration maxDelay = Duration.ofSeconds(10);

		/**
		 * How long a batch waits for the peer before it is counted as an error. Meanwhile
		 * the queue fills.
		 */
		private Duration maxWait = Duration.ofSeconds(30);

		public Duration getInitialDelay() {
			return this.initialDelay;
		}

		public void setInitialDelay(Duration initialDelay) {
			this.initialDelay = initialDelay;
		}

		public Duration getMaxDelay() {
			return this.maxDelay;
		}

		public void setMaxDelay(Duration maxDelay) {
			this.maxDelay = maxDelay;
		}

		public Duration getMaxWait() {
			return this.maxWait;
		}

		public void setMaxWait(Duration maxWait) {
			this.maxWait = maxWait;
		}

	}

	/**
	 * TLS to a peer.
	 */
	public static class Ssl {

		/**
		 * Whether to speak TLS. Enabled where a bundle is named.
		 */
		private @Nullable Boolean enabled;

		/**
		 * SSL bundle with the certificates. Without one the certificates are trusted that
		 * Java trusts.
		 */
		private @Nullable String bundle;

		/**
		 * Whether the certificate of the peer has to be for the host that is connected
		 * to.
		 */
		private boolean verifyHostname = true;

		public @Nullable Boolean getEnabled() {
			return this.enabled;
		}

		public void setEnabled(@Nullable Boolean enabled) {
			this.enabled = enabled;
		}

		public @Nullable String getBundle() {
			return this.bundle;
		}

		public void setBundle(@Nullable String bundle) {
			this.bundle = bundle;
		}

		public boolean isVerifyHostname() {
			return this.verifyHostname;
		}

		public void setVerifyHostname(boolean verifyHostname) {
			this.verifyHostname = verifyHostname;
		}

	}

	/**
	 * Settings of handlers of type udp.
	 */
	public static class Udp {

		/**
		 * Name or address of the receiver.
		 */
		private @Nullable String host;

		/**
		 * Port of the receiver.
		 */
		private @Nullable Integer port;

		/**
		 * Size of a signal, which is one datagram, at most. A larger one is cut in the
		 * format syslog, else dropped and counted as an error.
		 */
		private DataSize maxSize = DataSize.ofBytes(8192);

		public @Nullable String getHost() {
			return this.host;
		}

		public void setHost(@Nullable String host) {
			this.host = host;
		}

		public @Nullable Integer getPort() {
			return this.port;
		}

		public void setPort(@Nullable Integer port) {
			this.port = port;
		}

		public DataSize getMaxSize() {
			return this.maxSize;
		}

		public void setMaxSize(DataSize maxSize) {
			this.maxSize = maxSize;
		}

	}

	/**
	 * Settings of the format syslog.
	 */
	public static class Syslog {

		/**
		 * Part of the system that the messages are about.
		 */
		private Facility facility = Facility.USER;

		/**
		 * Name of the application in the messages. That of the service where nothing is
		 * set.
		 */
		private @Nullable String appName;

		/**
		 * Private enterprise number that the elements of structured data are named with.
		 */
		private String enterpriseId = "32473";

		/**
		 * Size of a message at most. What is over is cut.
		 */
		private DataSize maxSize = DataSize.ofBytes(8192);

		public Facility getFacility() {
			return this.facility;
		}

		public void setFacility(Facility facility) {
			this.facility = facility;
		}

		public @Nullable String getAppName() {
			return this.appName;
		}

		public void setAppName(@Nullable String appName) {
			this.appName = appName;
		}

		public String getEnterpriseId() {
			return this.enterpriseId;
		}

		public void setEnterpriseId(String enterpriseId) {
			this.enterpriseId = enterpriseId;
		}

		public DataSize getMaxSize() {
			return this.maxSize;
		}

		public void setMaxSize(DataSize maxSize) {
			this.maxSize = maxSize;
		}

	}

	/**
	 * Settings of handlers of type bean.
	 */
	public static class Bean {

		/**
		 * Name of the SignalHandler bean.
		 */
		private @Nullable String name;

		public @Nullable String getName() {
			return this.name;
		}

		public void setName(@Nullable String name) {
			this.name = name;
		}

	}

}
