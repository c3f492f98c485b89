package io.telemetry.boot.channel;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import com.sun.management.UnixOperatingSystemMXBean;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;

import org.springframework.util.FileSystemUtils;

/**
 * How many clients the channel holds, and how much they may send, with a file of JSON
 * lines behind it. The server is a process of its own, all clients are one thread of this
 * one. Batches are sent when their time has come, whether or not the last one is
 * answered, and latency counts from that time.
 * <p>
 * {@code hold}: many connections, each of which sends a batch in every period, at a
 * random moment of it. {@code rate}: batches at even intervals over fifty connections; a
 * rate that does not hold is halved and so on, until the highest that holds is known
 * within five percent.
 * <p>
 * Arguments after the mode are {@code name=value}: {@code ack} (received, durable),
 * {@code connections}, {@code events} (of a batch), {@code period} (seconds),
 * {@code rate} (batches a second), {@code warm-up} and {@code seconds}, {@code heap} (of
 * the server), {@code directory} (for the file and the journal, removed at the end) and
 * {@code profile}, a {@code jfr} command of Java 21 or later. <pre>
 * ./mvnw -q -Pjmh -pl telemetry-spring-boot-autoconfigure -am test -DskipTests \
 *     -Djmh.main=io.telemetry.boot.channel.ChannelCapacity -Djmh.args="hold ack=durable"
 * </pre>
 */
public final class ChannelCapacity {

	private static final long PATIENCE = 30_000_000_000L;

	private static final int HEART_BEAT_MS = 10_000;

	private static final Map<String, String> HOLD = Map.of("ack", "received", "connections", "10000", "events", "10",
			"period", "10", "warm-up", "120", "seconds", "600", "heap", "3g", "directory", "", "profile", "");

	private static final Map<String, String> RATE = Map.of("ack", "received", "connections", "50", "events", "100",
			"rate", "1000", "warm-up", "20", "seconds", "60", "heap", "3g", "directory", "", "profile", "");

	private final Map<String, String> arguments;

	private final Path directory;

	private ChannelCapacity(Map<String, String> arguments) throws IOException {
		this.arguments = arguments;
		this.directory = arguments.get("directory").isEmpty() ? Files.createTempDirectory("capacity")
				: Files.createTempDirectory(Path.of(arguments.get("directory")), "capacity");
	}

	public static void main(String[] args) throws Exception {
		String mode = (args.length > 0) ? args[0] : "";
		if (!Set.of("hold", "rate").contains(mode)) {
			throw new IllegalArgumentException("'" + mode + "' is none of hold, rate");
		}
		Map<String, String> arguments = new TreeMap<>(mode.equals("hold") ? HOLD : RATE);
		for (int i = 1; i < args.length; i++) {
			String name = args[i].replaceFirst("=.*", "");
			if (!arguments.containsKey(name) || name.length() == args[i].length()) {
				throw new IllegalArgumentException(
						"'" + args[i] + "' is none of " + arguments.keySet() + " with a value: name=value");
			}
			arguments.put(name, args[i].substring(name.length() + 1));
		}
		if (!Set.of("received", "durable").contains(arguments.get("ack"))) {
			throw new IllegalArgumentException("ack '" + arguments.get("ack") + "' is none of received, durable");
		}
		ChannelCapacity capacity = new ChannelCapacity(arguments);
		boolean good;
		try {
			good = mode.equals("hold") ? capacity.hold() : capacity.rates();
		}
		finally {
			FileSystemUtils.deleteRecursively(capacity.directory);
		}
		System.exit(good ? 0 : 1);
	}

	private int number(String name) {
		return Integer.parseInt(this.arguments.get(name));
	}

	/**
	 * Both processes have a socket for each connection, and files, jars and pipes.
	 */
	private void checkRoom(double batches) throws IOException {
		long files = ManagementFactory.getPlatformMXBean(UnixOperatingSystemMXBean.class).getMaxFileDescriptorCount();
		if (files < number("connections") + 500L) {
			throw new IllegalStateException(number("connections") + " connections need " + (number("connections") + 500)
					+ " open files in each of the two processes, " + files
					+ " are allowed: raise the limit ('ulimit -n 65536', where the hard limit 'ulimit -Hn' is as high)");
		}
		// Lines are twice as long as events, and a journal may hold them once more
		double bytes = batches * number("events") * BatchParse.bytesPerEvent() * 4;
		long room = Files.getFileStore(this.directory).getUsableSpace();
		if (room < bytes) {
			throw new IllegalStateException(String.format(Locale.ROOT,
					"%s has room for %,d MB, %,.0f MB may be needed: give another directory=", this.directory,
					room >> 20, bytes / (1 << 20)));
		}
	}

	private BenchProcess server(Path file, String... properties) throws IOException {
		List<String> arguments = new ArrayList<>(List.of("file", file.toString(),
				// The channel's own signals are none that anybody has sent
				"--telemetry.handlers.file.id.allow=browser/*",
				// Tomcat's limit is 8,192
				"--server.tomcat.max-connections=" + (number("connections") + 1000),
				"--telemetry.channel.max-connections=" + (number("connections") + 1000)));
		if (this.arguments.get("ack").equals("durable")) {
			arguments.addAll(List.of("--telemetry.channel.ack=durable",
					"--telemetry.channel.durable.directory=" + file.resolveSibling("journal"),
					"--telemetry.handlers.file.durable=true"));
		}
		arguments.addAll(List.of(properties));
		String heap = this.arguments.get("heap");
		return BenchProcess.start(BenchServer.class, arguments, "-Xms" + heap, "-Xmx" + heap, "-XX:+AlwaysPreTouch");
	}

	/**
	 * Many clients that send little. The limits are those that the channel has unless it
	 * is told otherwise.
	 */
	private boolean hold() throws Exception {
		int connections = number("connections");
		double period = number("period") * 1e9;
		int seconds = number("seconds");
		checkRoom(connections / (period / 1e9) * (number("warm-up") + seconds));
		Path file = this.directory.resolve("signals.jsonl");
		// Of 1,000 connections and 20,000 events in ten seconds
		int perAddress = (int) Math.max(1, Math.min(900, 10_000 * period / 10e9 / number("events")));
		List<String> rows = new ArrayList<>();
		Load load;
		try (BenchProcess server = server(file, "--telemetry.channel.rate-limits.connection=2000/10s",
				"--telemetry.channel.rate-limits.user=5000/10s", "--telemetry.channel.rate-limits.address=20000/10s",
				"--telemetry.channel.max-connections-per-address=1000", "--telemetry.channel.overload.pressure=0.9")) {
			Watch watch = new Watch(server, rows);
			watch.collected("before");
			load = new Load(server.port(), number("events"), perAddress);
			long begun = System.nanoTime();
			load.open(connections);
			System.err.printf(Locale.ROOT, "%,d connections opened in %.0f s%n", connections,
					(System.nanoTime() - begun) / 1e9);
			Schedule schedule = (client, batch, random) -> (long) ((batch + random.nextDouble()) * period);
			if (number("warm-up") > 0) {
				load.run(number("warm-up"), schedule, (now) -> {
				});
			}
			watch.collected("begin");
			Profile profile = profile(server, "hold");
			Phase phase = load.run(seconds, schedule, watch.minutes(load));
			profile.end();
			awaitWritten(server, load);
			watch.total(phase);
			watch.collected("end");
			load.close();
			long deadline = System.nanoTime() + PATIENCE;
			while (server.cost(false).getOrDefault("connections", 0L) > 0 && System.nanoTime() < deadline) {
				TimeUnit.MILLISECONDS.sleep(200);
			}
			watch.collected("closed");
			System.out.printf(Locale.ROOT,
					"%n%,d connections from %d addresses, a batch of %d events every %d s, ack=%s, heap %s%n%n",
					connections, (connections + perAddress - 1) / perAddress, number("events"), number("period"),
					this.arguments.get("ack"), this.arguments.get("heap"));
			Watch.print(rows);
			profile.print();
		}
		boolean closed = tell(load, file);
		return closed && load.errors() == 0;
	}

	/**
	 * Few clients that send much.
	 */
	private boolean rates() throws Exception {
		int asked = number("rate");
		checkRoom((double) asked * (number("warm-up") + number("seconds")));
		List<String> rows = new ArrayList<>();
		Trial best = null;
		int low = 0;
		int high = asked;
		for (int rate = asked; rate > 0; rate = (low + high) / 2) {
			Trial trial = trial(rate);
			rows.add(trial.row);
			System.err.println(trial.row);
			if (trial.holds) {
				low = rate;
				best = trial;
			}
			else {
				high = rate;
			}
			if (high - low <= asked / 20 || low == asked) {
				break;
			}
		}
		System.out.printf(Locale.ROOT, "%nBatches of %d events over %d connections, %d s, ack=%s, heap %s%n%n",
				number("events"), number("connections"), number("seconds"), this.arguments.get("ack"),
				this.arguments.get("heap"));
		System.out
			.println("| batches/s asked | events/s acknowledged | p50 ms | p99 ms | p99.9 ms | longest ms | refused "
					+ "| lost connections | unanswered | waiting at the end | events not yet written at the end "
					+ "| server's processors | collections, ms/s | file closes | holds |");
		System.out.println("|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|");
		rows.forEach(System.out::println);
		System.out.println((best != null) ? "\nThe highest rate that held: " + low + " batches/s" : "\nNo rate held");
		if (best != null) {
			best.profile.print();
		}
		return low == asked;
	}

	private Trial trial(int rate) throws Exception {
		int seconds = number("seconds");
		int connections = number("connections");
		Path directory = Files.createDirectory(this.directory.resolve("rate-" + rate));
		Path file = directory.resolve("signals.jsonl");
		Phase phase;
		Profile profile;
		Load load;
		Backlog backlog;
		double processors;
		double collections;
		try (BenchProcess server = server(file)) {
			load = new Load(server.port(), number("events"), Integer.MAX_VALUE);
			load.open(connections);
			load.run(number("warm-up"), evenly(rate / 2.0, connections), (now) -> {
			});
			awaitWritten(server, load);
			profile = profile(server, "rate-" + rate);
			Map<String, Long> before = server.cost(false);
			backlog = new Backlog(server, load, seconds);
			phase = load.run(seconds, evenly(rate, connections), backlog);
			backlog.await();
			profile.end();
			processors = (backlog.cost.get("cpu") - before.get("cpu")) / 1e9 / seconds;
			collections = (backlog.cost.get("gc") - before.get("gc")) / (double) seconds;
			awaitWritten(server, load);
			load.close();
		}
		boolean closes = tell(load, file);
		FileSystemUtils.deleteRecursively(directory);
		Histogram latency = phase.total();
		long unanswered = load.planned.get() - load.answered.get();
		// Neither before the server nor behind the acknowledgement more than a second's
		boolean holds = closes && load.errors() == 0 && latency.getValueAtPercentile(99) < 1_000_000
				&& backlog.waiting <= rate && backlog.unwritten <= (long) rate * number("events");
		String row = String.format(Locale.ROOT,
				"| %,d | %,.0f | %.1f | %.1f | %.1f | %.0f | %s | %s | %d | %d | %,d | %.2f | %.1f | %s | %s |", rate,
				latency.getTotalCount() * (double) number("events") / seconds, millis(latency, 50), millis(latency, 99),
				millis(latency, 99.9), millis(latency, 100), load.refused, load.lost.size(), unanswered,
				backlog.waiting, backlog.unwritten, processors, collections, closes ? "yes" : "no",
				holds ? "yes" : "no");
		return new Trial(holds, row, profile);
	}

	private static Schedule evenly(double rate, int connections) {
		return (client, batch, random) -> (long) ((client + (double) batch * connections) * 1e9 / rate);
	}

	private static double millis(Histogram histogram, double percentile) {
		return (histogram.getTotalCount() > 0) ? histogram.getValueAtPercentile(percentile) / 1e3 : Double.NaN;
	}

	/**
	 * Until the file has what was acknowledged, or nothing more is written.
	 */
	private static void awaitWritten(BenchProcess server, Load load) throws Exception {
		long last = -1;
		long deadline = 0;
		while (true) {
			long handled = server.cost(false).get("handled");
			if (handled >= load.accepted.get()) {
				return;
			}
			if (handled != last) {
				last = handled;
				deadline = System.nanoTime() + PATIENCE;
			}
			if (System.nanoTime() > deadline) {
				return;
			}
			TimeUnit.MILLISECONDS.sleep(100);
		}
	}

	/**
	 * Whether what was acknowledged stands in the file, each event once.
	 */
	private static boolean tell(Load load, Path file) throws IOException {
		WrittenLines written = WrittenLines.of(file);
		long unanswered = load.planned.get() - load.answered.get();
		System.out.printf(Locale.ROOT,
				"%nBatches: %,d sent, %,d answered, %,d not; refused: %s; lost connections: %s%n"
						+ "Events: %,d accepted, %,d rejected; lines in the file: %,d, of which %,d different%n%n",
				load.planned.get(), load.answered.get(), unanswered, load.refused, load.lost, load.accepted.get(),
				load.rejected, written.lines(), written.distinct());
		return written.lines() == load.accepted.get() && written.distinct() == load.accepted.get();
	}

	private Profile profile(BenchProcess server, String name) throws Exception {
		String command = this.arguments.get("profile");
		if (command.isEmpty()) {
			return new Profile(null, null, server.pid());
		}
		Profile profile = new Profile(command, this.directory.resolve(name + ".jfr"), server.pid());
		profile.jcmd("JFR.start", "name=load", "settings=profile");
		return profile;
	}

	/**
	 * When the batches of a client are due, in nanoseconds from the beginning of a phase.
	 */
	@FunctionalInterface
	private interface Schedule {

		long due(int client, int batch, SplittableRandom random);

	}

	/**
	 * Called by the clients' thread once a second, must not wait.
	 */
	@FunctionalInterface
	private interface Tick {

		void second(long now);

	}

	private record Trial(boolean holds, String row, Profile profile) {

	}

	/**
	 * One time of sending.
	 */
	private static final class Phase {

		private final Schedule schedule;

		private final long begin;

		private final long end;

		private final Recorder latency = new Recorder(3);

		private final Histogram total = new Histogram(3);

		Phase(Schedule schedule, long begin, long end) {
			this.schedule = schedule;
			this.begin = begin;
			this.end = end;
		}

		/**
		 * What came since the last call.
		 */
		synchronized Histogram interval() {
			Histogram interval = this.latency.getIntervalHistogram();
			this.total.add(interval);
			return interval;
		}

		synchronized Histogram total() {
			interval();
			return this.total;
		}

	}

	/**
	 * All clients, on the thread that calls {@link #open} and {@link #run}.
	 */
	private static final class Load {

		private static final byte[] ACCEPTED = "\"status\":\"accepted\"".getBytes(StandardCharsets.US_ASCII);

		private static final Pattern REASON = Pattern.compile("\"status\":\"refused\",\"reason\":\"([^\"]+)\"");

		private static final Pattern COUNT = Pattern.compile("\"accepted\":(\\d+)");

		private final Selector selector = Selector.open();

		private final ByteBuffer in = ByteBuffer.allocateDirect(64 * 1024);

		private final List<Client> clients = new ArrayList<>();

		private final PriorityQueue<Client> due = new PriorityQueue<>(
				Comparator.comparingLong((client) -> client.dueAt));

		private final SplittableRandom random = new SplittableRandom(1);

		private final long begun = System.currentTimeMillis();

		private final int port;

		private final byte[] body;

		private final int events;

		private final byte[] all;

		private final int perAddress;

		/** Batches whose time has come, whether or not they could be sent. */
		private final AtomicLong planned = new AtomicLong();

		private final AtomicLong answered = new AtomicLong();

		private final AtomicLong accepted = new AtomicLong();

		private long rejected;

		private final Map<String, Long> refused = new TreeMap<>();

		private final Map<String, Long> lost = new TreeMap<>();

		private int connected;

		private int gone;

		private Phase phase;

		private long secondAt = System.nanoTime();

		Load(int port, int events, int perAddress) throws IOException {
			this.port = port;
			this.body = LoadBatch.of(events);
			this.events = events;
			this.all = ("\"accepted\":" + events + ",\"rejected\":[]").getBytes(StandardCharsets.US_ASCII);
			this.perAddress = perAddress;
		}

		void open(int count) throws IOException {
			long deadline = System.nanoTime() + PATIENCE;
			int before = 0;
			while (this.connected + this.gone < count) {
				// Some at a time, as the backlog of a listening socket is short
				while (this.clients.size() < count && this.clients.size() - this.connected - this.gone < 50) {
					int address = this.clients.size() / this.perAddress;
					Client client = new Client(this.clients.size(), InetAddress
						.getByAddress(new byte[] { 127, 0, (byte) (address / 250), (byte) (1 + address % 250) }));
					this.clients.add(client);
					client.guard(client::open);
				}
				turn(System.nanoTime() + 1_000_000_000L, (now) -> {
				});
				if (this.connected > before) {
					before = this.connected;
					deadline = System.nanoTime() + PATIENCE;
				}
				else if (System.nanoTime() > deadline) {
					throw new IOException("Only " + this.connected + " connections came in: " + this.lost);
				}
			}
		}

		/**
		 * Sends for some seconds, then waits for the answers.
		 */
		Phase run(int seconds, Schedule schedule, Tick tick) throws IOException {
			long begin = System.nanoTime();
			Phase phase = new Phase(schedule, begin, begin + seconds * 1_000_000_000L);
			this.phase = phase;
			this.due.clear();
			for (Client client : this.clients) {
				client.begin();
			}
			while (System.nanoTime() < phase.end) {
				turn(phase.end, tick);
			}
			// What was due in the last moments
			turn(System.nanoTime() + 1, tick);
			tick.second(phase.end);
			long deadline = System.nanoTime() + PATIENCE;
			while (this.answered.get() < this.planned.get() && System.nanoTime() < deadline) {
				turn(deadline, (now) -> {
				});
			}
			return phase;
		}

		private void turn(long until, Tick tick) throws IOException {
			long now = System.nanoTime();
			while (!this.due.isEmpty() && this.due.peek().dueAt - now <= 0) {
				this.due.poll().due();
			}
			if (this.secondAt - now <= 0) {
				this.secondAt = now + 1_000_000_000L;
				for (Client client : this.clients) {
					client.second(now);
				}
				tick.second(now);
			}
			long next = Math.min(until, this.secondAt);
			if (!this.due.isEmpty()) {
				next = Math.min(next, this.due.peek().dueAt);
			}
			this.selector.select(Math.max(1, (next - System.nanoTime()) / 1_000_000));
			for (SelectionKey key : this.selector.selectedKeys()) {
				Client client = (Client) key.attachment();
				client.guard(client::ready);
			}
			this.selector.selectedKeys().clear();
		}

		long errors() {
			return this.planned.get() - this.answered.get() + this.rejected
					+ this.refused.values().stream().mapToLong(Long::longValue).sum()
					+ this.lost.values().stream().mapToLong(Long::longValue).sum();
		}

		void close() throws IOException {
			for (Client client : this.clients) {
				client.close();
			}
			this.selector.close();
		}

		private final class Client extends LoadConnection {

			private final int number;

			/** Times of batches that are due and wait for the last to be written. */
			private final Deque<Long> waiting = new ArrayDeque<>();

			private final Deque<Sent> unanswered = new ArrayDeque<>();

			private int batch;

			private long dueAt;

			private int sent;

			private long wrote = System.nanoTime();

			private long heard = System.nanoTime();

			private boolean stands;

			private boolean dead;

			Client(int number, InetAddress from) throws IOException {
				super(Load.this.selector, Load.this.in, from, Load.this.port,
						"capacity-" + Load.this.begun + "-" + number, HEART_BEAT_MS);
				this.number = number;
				prepare(Load.this.body, false);
			}

			void guard(Step step) {
				if (this.dead) {
					return;
				}
				try {
					step.run();
				}
				catch (IOException ex) {
					this.dead = true;
					Load.this.gone++;
					if (this.stands) {
						Load.this.connected--;
					}
					Load.this.lost.merge(String.valueOf(ex.getMessage()), 1L, Long::sum);
					try {
						close();
					}
					catch (IOException closing) {
						ex.addSuppressed(closing);
					}
				}
			}

			@Override
			void connected() {
				this.stands = true;
				Load.this.connected++;
			}

			void begin() {
				this.batch = 0;
				schedule();
			}

			private void schedule() {
				Phase phase = Load.this.phase;
				this.dueAt = phase.begin + phase.schedule.due(this.number, this.batch++, Load.this.random);
				if (this.dueAt - phase.end < 0) {
					Load.this.due.add(this);
				}
			}

			void due() {
				// Of a client that is gone, too: somebody wanted to send it
				Load.this.planned.incrementAndGet();
				this.waiting.add(this.dueAt);
				schedule();
				guard(this::write);
			}

			@Override
			long next() {
				Long due = this.waiting.poll();
				if (due == null) {
					return -1;
				}
				long id = (this.number + 1) * 1_000_000_000L + this.sent++;
				this.unanswered.add(new Sent(id, due, Load.this.phase));
				this.wrote = System.nanoTime();
				return id;
			}

			@Override
			void answered(long id, Answer answer) throws IOException {
				this.heard = System.nanoTime();
				Sent sent = take(id);
				if (sent == null) {
					throw new IOException("Nobody asked: " + answer);
				}
				Load.this.answered.incrementAndGet();
				if (answer.holds(ACCEPTED)) {
					sent.phase.latency.recordValue(Math.max(0, (this.heard - sent.due) / 1000));
					if (answer.holds(Load.this.all)) {
						Load.this.accepted.addAndGet(Load.this.events);
						return;
					}
					Matcher count = COUNT.matcher(answer.toString());
					int accepted = count.find() ? Integer.parseInt(count.group(1)) : 0;
					Load.this.accepted.addAndGet(accepted);
					Load.this.rejected += Load.this.events - accepted;
					return;
				}
				Matcher reason = REASON.matcher(answer.toString());
				Load.this.refused.merge(reason.find() ? reason.group(1) : answer.toString(), 1L, Long::sum);
			}

			/**
			 * An answer that names no batch is taken for that of the oldest.
			 */
			private Sent take(long id) {
				for (Iterator<Sent> all = this.unanswered.iterator(); all.hasNext();) {
					Sent sent = all.next();
					if (sent.id == id || id < 0) {
						all.remove();
						return sent;
					}
				}
				return null;
			}

			@Override
			void heartBeat() {
				this.heard = System.nanoTime();
			}

			void second(long now) {
				if (!this.stands) {
					return;
				}
				guard(() -> {
					if (now - this.heard > 3 * HEART_BEAT_MS * 1_000_000L) {
						throw new IOException("No heart-beat from the server");
					}
					// A second early, because it is looked at once a second
					if (now - this.wrote > (HEART_BEAT_MS - 1000) * 1_000_000L) {
						this.wrote = now;
						beat();
					}
				});
			}

		}

		private record Sent(long id, long due, Phase phase) {

		}

		@FunctionalInterface
		private interface Step {

			void run() throws IOException;

		}

	}

	/**
	 * The server, as it is at the moment, line by line.
	 */
	private final class Watch {

		private final BenchProcess server;

		private final List<String> rows;

		private Map<String, Long> last;

		private long lastAt;

		private long lastOwn;

		Watch(BenchProcess server, List<String> rows) throws Exception {
			this.server = server;
			this.rows = rows;
			this.last = server.cost(false);
			this.lastAt = System.nanoTime();
			this.lastOwn = ownCpu();
		}

		private static long ownCpu() {
			return ManagementFactory.getPlatformMXBean(UnixOperatingSystemMXBean.class).getProcessCpuTime();
		}

		/**
		 * After a collection of everything: what this leaves is held.
		 */
		void collected(String when) throws Exception {
			Map<String, Long> cost = this.server.cost(true);
			row(when, cost, cost.get("heap"), null);
		}

		Tick minutes(Load load) {
			long[] next = { System.nanoTime() + 60_000_000_000L };
			int[] minute = { 1 };
			return (now) -> {
				if (now >= next[0]) {
					next[0] += 60_000_000_000L;
					Phase phase = load.phase;
					int number = minute[0]++;
					// Not on the clients' thread: the answer may take its time
					Thread asking = new Thread(() -> {
						try {
							Map<String, Long> cost = this.server.cost(false);
							row("minute " + number, cost, cost.get("left"), phase.interval());
						}
						catch (IOException | InterruptedException ex) {
							System.err.println("No figures for minute " + number + ": " + ex);
						}
					}, "watch");
					asking.setDaemon(true);
					asking.start();
				}
			};
		}

		void total(Phase phase) {
			Histogram total = phase.total();
			this.rows.add(String.format(Locale.ROOT, "| all | | %,d | %.1f | %.1f | %.1f | %.0f | | | | | | | | |",
					total.getTotalCount(), millis(total, 50), millis(total, 99), millis(total, 99.9),
					millis(total, 100)));
		}

		private synchronized void row(String when, Map<String, Long> cost, long heap, Histogram latency) {
			long now = System.nanoTime();
			long own = ownCpu();
			double took = now - this.lastAt;
			String row = String.format(Locale.ROOT,
					"| %s | %,d | %s | %s | %,.0f | %,d | %.2f | %.2f | %.1f | %d | %d | %s |", when,
					cost.getOrDefault("connections", 0L),
					(latency != null) ? String.format(Locale.ROOT, "%,d", latency.getTotalCount()) : "",
					(latency != null) ? String.format(Locale.ROOT, "%.1f | %.1f | %.1f | %.0f", millis(latency, 50),
							millis(latency, 99), millis(latency, 99.9), millis(latency, 100)) : " | | |",
					heap / 1048576.0, cost.get("rss") >> 20, (cost.get("cpu") - this.last.get("cpu")) / took,
					(own - this.lastOwn) / took, (cost.get("gc") - this.last.get("gc")) / (took / 1e9),
					cost.get("files"), cost.getOrDefault("queued", 0L), journalMegabytes());
			this.last = cost;
			this.lastAt = now;
			this.lastOwn = own;
			this.rows.add(row);
			System.err.println(row);
		}

		private String journalMegabytes() {
			Path journal = ChannelCapacity.this.directory.resolve("journal");
			if (!Files.isDirectory(journal)) {
				return "";
			}
			try (Stream<Path> files = Files.walk(journal)) {
				return String.valueOf(files.mapToLong((file) -> file.toFile().length()).sum() >> 20);
			}
			catch (IOException | UncheckedIOException ex) {
				// A segment went while we looked
				return "?";
			}
		}

		static void print(List<String> rows) {
			System.out
				.println("| when | connections | acknowledged | p50 ms | p99 ms | p99.9 ms | longest ms | heap MB "
						+ "| resident MB | server's processors | clients' processors | collections, ms/s | server's files "
						+ "| queue | journal MB |");
			System.out.println("|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|");
			rows.forEach(System.out::println);
		}

	}

	/**
	 * What waits at the end of the time of sending: batches for their answers, events for
	 * the file.
	 */
	private static final class Backlog implements Tick {

		private final BenchProcess server;

		private final Load load;

		private final long end;

		private long waiting;

		private long unwritten;

		private Map<String, Long> cost;

		private Thread asking;

		Backlog(BenchProcess server, Load load, int seconds) {
			this.server = server;
			this.load = load;
			this.end = System.nanoTime() + seconds * 1_000_000_000L;
		}

		@Override
		public void second(long now) {
			if (now - this.end < 0 || this.asking != null) {
				return;
			}
			this.waiting = this.load.planned.get() - this.load.answered.get();
			long accepted = this.load.accepted.get();
			this.asking = new Thread(() -> {
				try {
					this.cost = this.server.cost(false);
					this.unwritten = Math.max(0, accepted - this.cost.get("handled"));
				}
				catch (IOException | InterruptedException ex) {
					throw new IllegalStateException("The server does not answer", ex);
				}
			}, "watch");
			this.asking.start();
		}

		void await() throws InterruptedException {
			this.asking.join();
		}

	}

	/**
	 * Where the server's time goes between beginning and end.
	 */
	private static final class Profile {

		private final String command;

		private final Path recording;

		private final long pid;

		private String views = "";

		Profile(String command, Path recording, long pid) {
			this.command = command;
			this.recording = recording;
			this.pid = pid;
		}

		void end() throws Exception {
			if (this.command == null) {
				return;
			}
			jcmd("JFR.stop", "name=load", "filename=" + this.recording);
			StringBuilder views = new StringBuilder();
			for (String view : List.of("hot-methods", "allocation-by-class", "gc-pauses")) {
				views.append(run(this.command, "view", "--width", "140", view, this.recording.toString()));
			}
			this.views = views.toString();
		}

		void print() {
			System.out.println(this.views);
		}

		private void jcmd(String... arguments) throws Exception {
			List<String> command = new ArrayList<>(
					List.of(System.getProperty("java.home") + "/bin/jcmd", String.valueOf(this.pid)));
			command.addAll(List.of(arguments));
			run(command.toArray(String[]::new));
		}

		private static String run(String... command) throws Exception {
			Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
			String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
			if (process.waitFor() != 0) {
				throw new IOException(String.join(" ", command) + ": " + output);
			}
			return output;
		}

	}

}
