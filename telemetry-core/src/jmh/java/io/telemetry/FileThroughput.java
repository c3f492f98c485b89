package io.telemetry;

import java.io.BufferedReader;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Stream;

import ch.qos.logback.classic.AsyncAppender;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.FileAppender;
import com.sun.management.OperatingSystemMXBean;
import com.sun.management.ThreadMXBean;
import io.telemetry.encode.JsonSignalEncoder;
import io.telemetry.handler.HandlerOptions;
import io.telemetry.handler.Overflow;
import io.telemetry.handler.QueueOptions;
import io.telemetry.handler.file.FileHandler;
import io.telemetry.handler.file.FileOptions;
import io.telemetry.handler.file.FileOptions.Rotation;
import io.telemetry.pipeline.SignalPipeline;
import io.telemetry.signal.Level;
import net.logstash.logback.encoder.LogstashEncoder;
import org.apache.logging.log4j.core.Logger;
import org.apache.logging.log4j.core.async.AsyncLoggerContext;
import org.apache.logging.log4j.core.config.builder.api.ConfigurationBuilder;
import org.apache.logging.log4j.core.config.builder.api.ConfigurationBuilderFactory;
import org.apache.logging.log4j.core.config.builder.impl.BuiltConfiguration;
import org.apache.logging.log4j.message.StringMapMessage;
import org.slf4j.MDC;

/**
 * From the call to the line in the file: one thread makes signals of a message and five
 * fields as fast as a queue of {@value #QUEUE} that makes it wait lets it, and a round is
 * over when each is written as a line of JSON. Nobody rotates, nobody forces onto the
 * disk, each library buffers as it does best. Each has a process of its own; the median
 * of {@value #ROUNDS} rounds after {@value #WARM_UP_ROUNDS}. Bytes are those allocated by
 * the calling thread, and by all others. The last row writes the lines of the first,
 * ready-made: more is not to be had on this disk.
 * <p>
 * Arguments: signals per round in thousands (1000 without), then libraries (all without).
 * <pre>
 * ./mvnw -q -Pjmh -pl telemetry-core test-compile exec:exec -Djmh.main=io.telemetry.FileThroughput -Djmh.args="1000"
 * </pre>
 */
public final class FileThroughput {

	private static final int QUEUE = 8192;

	private static final int WARM_UP_ROUNDS = 4;

	/** Odd, so that there is one in the middle. */
	private static final int ROUNDS = 5;

	private static final String CHILD = "--measure";

	private FileThroughput() {
	}

	public static void main(String[] args) throws Exception {
		if (args.length == 3 && args[0].equals(CHILD)) {
			System.out.println(measure(Target.valueOf(args[1]), Integer.parseInt(args[2])));
			return;
		}
		int signals = 1000 * ((args.length > 0) ? Integer.parseInt(args[0]) : 1000);
		List<Target> targets = (args.length > 1) ? Arrays.stream(args).skip(1).map(Target::valueOf).toList()
				: List.of(Target.values());
		System.out.println("| library | signals/s | CPU µs per signal | bytes, caller | bytes, others | bytes a line |");
		System.out.println("|---|---|---|---|---|---|");
		for (Target target : targets) {
			System.out.println(measureInChild(target, signals));
		}
	}

	private static String measureInChild(Target target, int signals) throws IOException, InterruptedException {
		List<String> command = new ArrayList<>();
		command.add(System.getProperty("java.home") + "/bin/java");
		ManagementFactory.getRuntimeMXBean()
			.getInputArguments()
			.stream()
			.filter((argument) -> argument.startsWith("-D") || argument.startsWith("-X"))
			.forEach(command::add);
		command.addAll(List.of("-classpath", System.getProperty("java.class.path"), FileThroughput.class.getName(),
				CHILD, target.name(), Integer.toString(signals)));
		Process process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
		String row = null;
		try (BufferedReader output = new BufferedReader(new InputStreamReader(process.getInputStream()))) {
			for (String line = output.readLine(); line != null; line = output.readLine()) {
				row = line;
			}
		}
		int status = process.waitFor();
		Sender.require(status == 0 && row != null, target + " ended with " + status);
		return row;
	}

	private static String measure(Target target, int signals) throws Exception {
		Path directory = Files.createTempDirectory("throughput");
		try {
			List<Round> rounds = new ArrayList<>();
			for (int i = 0; i < WARM_UP_ROUNDS + ROUNDS; i++) {
				Path file = directory.resolve("signals.jsonl");
				Round round = Round.of(target, file, signals);
				if (i >= WARM_UP_ROUNDS) {
					rounds.add(round);
				}
				Files.delete(file);
			}
			rounds.sort(Comparator.comparingDouble(Round::nanos));
			Round middle = rounds.get(ROUNDS / 2);
			return String.format(Locale.ROOT, "| %s | %,.0f (%,.0f to %,.0f) | %.2f | %.0f | %.0f | %.0f |", target,
					1e9 / middle.nanos(), 1e9 / rounds.get(ROUNDS - 1).nanos(), 1e9 / rounds.get(0).nanos(),
					middle.cpuNanos() / 1000, middle.callerBytes(), middle.otherBytes(), middle.lineBytes());
		}
		finally {
			try (Stream<Path> files = Files.list(directory)) {
				files.forEach((file) -> file.toFile().delete());
			}
			Files.delete(directory);
		}
	}

	/**
	 * One round, all figures per signal.
	 */
	private record Round(double nanos, double cpuNanos, double callerBytes, double otherBytes, double lineBytes) {

		static Round of(Target target, Path file, int signals) throws Exception {
			OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
			Output output = target.open(file);
			output.send();
			output.await();
			long caller = allocated(Thread.currentThread().getId());
			long all = allocatedByAll();
			long cpu = system.getProcessCpuTime();
			long begin = System.nanoTime();
			for (int i = 1; i < signals; i++) {
				output.send();
			}
			output.await();
			double count = signals - 1;
			double nanos = (System.nanoTime() - begin) / count;
			double cpuNanos = (system.getProcessCpuTime() - cpu) / count;
			double callerBytes = (allocated(Thread.currentThread().getId()) - caller) / count;
			double allBytes = (allocatedByAll() - all) / count;
			output.close();
			try (Stream<String> lines = Files.lines(file)) {
				long written = lines.count();
				Sender.require(written == signals, written + " lines of " + signals);
			}
			return new Round(nanos, cpuNanos, callerBytes, allBytes - callerBytes, Files.size(file) / (double) signals);
		}

		private static long allocated(long thread) {
			return ManagementFactory.getPlatformMXBean(ThreadMXBean.class).getThreadAllocatedBytes(thread);
		}

		private static long allocatedByAll() {
			ThreadMXBean threads = ManagementFactory.getPlatformMXBean(ThreadMXBean.class);
			return Arrays.stream(threads.getThreadAllocatedBytes(threads.getAllThreadIds()))
				.filter((bytes) -> bytes > 0)
				.sum();
		}

	}

	/**
	 * What is compared.
	 */
	enum Target {

		/** {@code log(level, message, data)}, file handler. */
		TELEMETRY(TelemetryOutput::new),

		/**
		 * Log4j, a map of message and fields, JsonTemplateLayout, RandomAccessFile.
		 */
		LOG4J_MAP((file) -> new Log4jOutput(file, true)),

		/** The same with the fields as arguments, in the text alone. */
		LOG4J((file) -> new Log4jOutput(file, false)),

		/** Logback, key-value pairs, logstash-logback-encoder. */
		LOGBACK_KEY_VALUES((file) -> new LogbackOutput(file, true)),

		/** The same with the fields as arguments, in the text alone. */
		LOGBACK((file) -> new LogbackOutput(file, false)),

		/** The lines of the first, ready-made, in pieces of 256 KB. */
		PLAIN_WRITE(PlainOutput::new);

		private final Function<Path, Output> factory;

		Target(Function<Path, Output> factory) {
			this.factory = factory;
		}

		Output open(Path file) {
			return this.factory.apply(file);
		}

	}

	/**
	 * One library and its file.
	 */
	abstract static class Output {

		// No constants, so that none is folded away; strings, so that nobody boxes.

		String order = "o-4711";

		String cents = "1999";

		String country = "NO";

		String customer = "c-0815";

		String channel = "web";

		abstract void send();

		/**
		 * Waits until the queue is empty and its last signal written.
		 */
		abstract void await() throws Exception;

		abstract void close() throws Exception;

	}

	private static final class TelemetryOutput extends Output {

		private final SignalPipeline pipeline;

		private final Telemetry telemetry;

		TelemetryOutput(Path file) {
			QueueOptions queue = QueueOptions.DEFAULTS.withCapacity(QUEUE)
				.withBatches(1000, Duration.ofMillis(200))
				.withOverflow(new Overflow.Block(Duration.ofMinutes(1)));
			this.pipeline = SignalPipeline.builder()
				.handler("file",
						new FileHandler(new JsonSignalEncoder(), FileOptions.of(file).withRotation(Rotation.NEVER)),
						HandlerOptions.DEFAULTS.withQueue(queue))
				.build();
			this.telemetry = new Telemetry(this.pipeline, Sender.NAME);
		}

		@Override
		void send() {
			this.telemetry.log(Level.INFO, "Order placed", Map.of("order", this.order, "cents", this.cents, "country",
					this.country, "customer", this.customer, "channel", this.channel));
		}

		@Override
		void await() throws Exception {
			Sender.require(this.pipeline.flush(Duration.ofMinutes(1)), "The queue did not empty");
		}

		@Override
		void close() {
			this.pipeline.close();
		}

	}

	private static final class Log4jOutput extends Output {

		static {
			System.setProperty("log4j2.asyncLoggerRingBufferSize", Integer.toString(QUEUE));
			System.setProperty("log4j2.asyncQueueFullPolicy", "Default");
			System.setProperty("log4j2.enableThreadlocals", "true");
			System.setProperty("log4j2.enableDirectEncoders", "true");
			System.setProperty("log4j2.asyncLoggerWaitStrategy", System.getProperty("wait", "Sleep"));
		}

		private static final String HEAD = "{\"timestamp\":{\"$resolver\":\"timestamp\"},"
				+ "\"level\":{\"$resolver\":\"level\",\"field\":\"name\"},"
				+ "\"ns\":{\"$resolver\":\"logger\",\"field\":\"name\"},"
				+ "\"thread\":{\"$resolver\":\"thread\",\"field\":\"name\"},";

		private static final String MAP = HEAD + "\"data\":{\"$resolver\":\"map\",\"flatten\":false}}";

		private static final String TEXT = HEAD + "\"msg\":{\"$resolver\":\"message\",\"stringified\":true}}";

		private final AsyncLoggerContext context = new AsyncLoggerContext("benchmark");

		private final Logger logger;

		private final boolean map;

		Log4jOutput(Path file, boolean map) {
			this.map = map;
			ConfigurationBuilder<BuiltConfiguration> builder = ConfigurationBuilderFactory.newConfigurationBuilder();
			builder.setShutdownHook("disable");
			builder.add(builder.newAppender("file", "RandomAccessFile")
				.addAttribute("fileName", file.toString())
				// Written when the ring is empty or the buffer of 256 KB full.
				.addAttribute("immediateFlush", false)
				.add(builder.newLayout("JsonTemplateLayout").addAttribute("eventTemplate", map ? MAP : TEXT)));
			builder.add(builder.newRootLogger(org.apache.logging.log4j.Level.INFO)
				.addAttribute("includeLocation", false)
				.add(builder.newAppenderRef("file")));
			this.context.start(builder.build(false));
			this.logger = this.context.getLogger(Sender.NAME);
		}

		@Override
		void send() {
			if (this.map) {
				this.logger.info(new StringMapMessage(6).with("message", "Order placed")
					.with("order", this.order)
					.with("cents", this.cents)
					.with("country", this.country)
					.with("customer", this.customer)
					.with("channel", this.channel));
			}
			else {
				this.logger.info("Order {} placed for {} cents in {} by {} on {}", this.order, this.cents, this.country,
						this.customer, this.channel);
			}
		}

		@Override
		void await() throws Exception {
			// What is left in its buffer after that, a thousandth of a round at most, is
			// written when it closes.
			while (this.context.createRingBufferAdmin().getRemainingCapacity() < QUEUE) {
				Thread.onSpinWait();
			}
		}

		@Override
		void close() {
			this.context.stop(1, TimeUnit.MINUTES);
		}

	}

	private static final class LogbackOutput extends Output {

		private final LoggerContext context = new LoggerContext();

		private final AsyncAppender async = new AsyncAppender();

		private final ch.qos.logback.classic.Logger logger;

		private final boolean keyValues;

		LogbackOutput(Path file, boolean keyValues) {
			this.keyValues = keyValues;
			this.context.setMDCAdapter(MDC.getMDCAdapter());
			LogstashEncoder encoder = new LogstashEncoder();
			encoder.setContext(this.context);
			encoder.start();
			FileAppender<ILoggingEvent> appender = new FileAppender<>();
			appender.setContext(this.context);
			appender.setFile(file.toString());
			appender.setEncoder(encoder);
			// Its default is a write per event.
			appender.setImmediateFlush(false);
			appender.start();
			this.async.setContext(this.context);
			this.async.setQueueSize(QUEUE);
			this.async.setDiscardingThreshold(0);
			this.async.setNeverBlock(false);
			this.async.addAppender(appender);
			this.async.start();
			ch.qos.logback.classic.Logger root = this.context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
			root.setLevel(ch.qos.logback.classic.Level.INFO);
			root.addAppender(this.async);
			this.logger = this.context.getLogger(Sender.NAME);
		}

		@Override
		void send() {
			if (this.keyValues) {
				this.logger.atInfo()
					.addKeyValue("order", this.order)
					.addKeyValue("cents", this.cents)
					.addKeyValue("country", this.country)
					.addKeyValue("customer", this.customer)
					.addKeyValue("channel", this.channel)
					.log("Order placed");
			}
			else {
				this.logger.info("Order {} placed for {} cents in {} by {} on {}", this.order, this.cents, this.country,
						this.customer, this.channel);
			}
		}

		@Override
		void await() throws Exception {
			while (this.async.getNumberOfElementsInQueue() > 0) {
				Thread.sleep(1);
			}
		}

		@Override
		void close() {
			this.context.stop();
		}

	}

	private static final class PlainOutput extends Output {

		private static final int PIECE = 256 << 10;

		private final byte[] line;

		private final byte[] piece = new byte[PIECE];

		private final FileOutputStream out;

		private int size;

		PlainOutput(Path file) {
			try {
				Path sample = file.resolveSibling("sample.jsonl");
				TelemetryOutput telemetry = new TelemetryOutput(sample);
				telemetry.send();
				telemetry.close();
				this.line = Files.readAllBytes(sample);
				this.out = new FileOutputStream(file.toFile());
				Files.delete(sample);
			}
			catch (IOException ex) {
				throw new IllegalStateException(ex);
			}
		}

		@Override
		void send() {
			if (this.size + this.line.length > PIECE) {
				write();
			}
			System.arraycopy(this.line, 0, this.piece, this.size, this.line.length);
			this.size += this.line.length;
		}

		private void write() {
			try {
				this.out.write(this.piece, 0, this.size);
				this.size = 0;
			}
			catch (IOException ex) {
				throw new IllegalStateException(ex);
			}
		}

		@Override
		void await() {
			write();
		}

		@Override
		void close() throws IOException {
			this.out.close();
		}

	}

}
