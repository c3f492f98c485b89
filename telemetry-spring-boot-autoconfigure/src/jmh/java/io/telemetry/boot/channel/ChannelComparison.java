package io.telemetry.boot.channel;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

import io.telemetry.boot.channel.ChannelLoad.Result;

import org.springframework.util.FileSystemUtils;

/**
 * The channel beside the endpoint that a developer would write by hand. Servers are
 * processes of their own, the clients are this one, all on one machine. Throughput: every
 * server is warmed up, then each has its turn in each round; the middle round counts.
 * Idle connections: two servers, one after the other, thousand by thousand.
 * <p>
 * Arguments: {@code [throughput|idle|all] [rounds] [seconds] [seconds to warm up]}, then
 * names of {@code Target} to restrict the rows. <pre>
 * ./mvnw -q -Pjmh -pl telemetry-spring-boot-autoconfigure -am test -DskipTests
 * </pre>
 */
public final class ChannelComparison {

	private static final int CLIENTS = 20;

	private static final int BLOCK = 1000;

	private static final int BLOCKS = 5;

	private ChannelComparison() {
	}

	public static void main(String[] args) throws Exception {
		String what = (args.length > 0) ? args[0] : "all";
		int rounds = (args.length > 1) ? Integer.parseInt(args[1]) : 5;
		double seconds = (args.length > 2) ? Double.parseDouble(args[2]) : 8;
		double warmUp = (args.length > 3) ? Double.parseDouble(args[3]) : 15;
		List<Target> targets = (args.length > 4) ? Arrays.stream(args).skip(4).map(Target::valueOf).toList()
				: List.of(Target.values());
		if (!what.equals("idle")) {
			throughput(targets, rounds, seconds, warmUp);
		}
		if (!what.equals("throughput")) {
			idle();
		}
	}

	private static void throughput(List<Target> targets, int rounds, double seconds, double warmUp) throws Exception {
		Path file = Files.createTempDirectory("channel").resolve("signals.jsonl");
		Map<Target, BenchProcess> servers = new EnumMap<>(Target.class);
		Map<String, List<Round>> results = new HashMap<>();
		double[] parses = new double[rounds];
		try {
			for (Target target : targets) {
				BenchProcess server = start(target, file, "-Xms1g", "-Xmx1g");
				servers.put(target, server);
				Round.of(target, server, file, warmUp / 2, false);
				Round.of(target, server, file, warmUp / 2, true);
			}
			BatchParse.cpuNanosPerEvent(2);
			for (int i = 0; i < rounds; i++) {
				parses[i] = BatchParse.cpuNanosPerEvent(1) / 1000;
				for (boolean binary : new boolean[] { false, true }) {
					for (Target target : targets) {
						results.computeIfAbsent(name(target, binary), (key) -> new ArrayList<>())
							.add(Round.of(target, servers.get(target), file, seconds, binary));
					}
				}
			}
		}
		finally {
			servers.values().forEach(BenchProcess::close);
			FileSystemUtils.deleteRecursively(file.getParent());
		}
		Arrays.sort(parses);
		double parse = parses[rounds / 2];
		System.out.printf(Locale.ROOT, "%d bytes an event, %.2f µs of processor time to parse one%n%n",
				BatchParse.bytesPerEvent(), parse);
		System.out
			.println("| server | frames | batches/s | events/s | p50 ms | p99 ms | CPU µs per event | of a parse |");
		System.out.println("|---|---|---|---|---|---|---|---|");
		for (boolean binary : new boolean[] { false, true }) {
			for (Target target : targets) {
				List<Round> all = results.get(name(target, binary));
				double cpu = middle(all, Round::cpuMicros);
				System.out.printf(Locale.ROOT,
						"| %s | %s | %,.0f (%,.0f to %,.0f) | %,.0f | %.1f | %.1f | %.2f | %.1f |%n", target.title,
						binary ? "binary" : "text", middle(all, Round::batchesPerSecond),
						all.stream().mapToDouble(Round::batchesPerSecond).min().orElseThrow(),
						all.stream().mapToDouble(Round::batchesPerSecond).max().orElseThrow(),
						middle(all, Round::eventsPerSecond), middle(all, (round) -> round.result.millisAt(0.5)),
						middle(all, (round) -> round.result.millisAt(0.99)), cpu, cpu / parse);
			}
		}
		System.out.println("\nCPU µs per event, round by round, text then binary:");
		for (Target target : targets) {
			StringBuilder line = new StringBuilder("- " + target.title + ":");
			for (boolean binary : new boolean[] { false, true }) {
				results.get(name(target, binary))
					.forEach((round) -> line.append(String.format(Locale.ROOT, " %.2f", round.cpuMicros)));
				line.append(binary ? "" : ",");
			}
			System.out.println(line);
		}
		System.out.println();
	}

	private static BenchProcess start(Target target, Path file, String... options) throws IOException {
		if (target == Target.PEER) {
			return BenchProcess.start(PeerServer.class, List.of(), options);
		}
		List<String> arguments = new ArrayList<>(List.of(target.name().toLowerCase(Locale.ROOT)));
		if (target == Target.FILE) {
			arguments.add(file.toString());
		}
		return BenchProcess.start(BenchServer.class, arguments, options);
	}

	private static String name(Target target, boolean binary) {
		return target + (binary ? " binary" : " text");
	}

	private static double middle(List<Round> rounds, ToDoubleFunction<Round> figure) {
		double[] sorted = rounds.stream().mapToDouble(figure).sorted().toArray();
		return sorted[sorted.length / 2];
	}

	private static void idle() throws Exception {
		System.out
			.println("| server | connections | heap KB each | resident KB each | server's CPU µs and ms of each of "
					+ "the last 1,000 |");
		System.out.println("|---|---|---|---|---|");
		for (Target target : List.of(Target.NONE, Target.PEER)) {
			try (BenchProcess server = start(target, Path.of("unused"), "-Xmx2g")) {
				try (ChannelLoad first = new ChannelLoad(server.port())) {
					// Whatever the first connections alone need
					first.open(500);
				}
				Thread.sleep(1000);
				Map<String, Long> before = server.cost(true);
				try (ChannelLoad load = new ChannelLoad(server.port())) {
					for (int i = 1; i <= BLOCKS; i++) {
						long cpu = server.cost(false).get("cpu");
						long begin = System.nanoTime();
						load.open(BLOCK);
						double each = (System.nanoTime() - begin) / 1e6 / BLOCK;
						load.settle();
						cpu = server.cost(false).get("cpu") - cpu;
						Map<String, Long> now = server.cost(true);
						int connections = i * BLOCK;
						System.out.printf(Locale.ROOT, "| %s | %,d | %.1f | %.1f | %.0f, %.2f |%n", target.title,
								connections, (now.get("heap") - before.get("heap")) / 1024.0 / connections,
								(now.get("rss") - before.get("rss")) / 1024.0 / connections, cpu / 1e3 / BLOCK, each);
					}
				}
			}
		}
	}

	/**
	 * What is compared.
	 */
	enum Target {

		/** The channel, no handler. */
		NONE("channel, no handler"),

		/** The channel and a handler that counts, without a queue. */
		COUNT("channel, handler that counts"),

		/** The channel and a file of JSON lines behind a queue. */
		FILE("channel, JSON file"),

		/** Spring's broker and a controller, nothing behind it. */
		PEER("`@MessageMapping`, no handler");

		private final String title;

		Target(String title) {
			this.title = title;
		}

	}

	/**
	 * One turn of one server.
	 */
	private record Round(Result result, double cpuMicros) {

		static Round of(Target target, BenchProcess server, Path file, double seconds, boolean binary)
				throws Exception {
			try (ChannelLoad load = new ChannelLoad(server.port())) {
				load.open(CLIENTS);
				load.settle();
				Map<String, Long> before = server.cost(false);
				Result result = load.run(seconds, binary, 1, ChannelLoad.EVENTS);
				Map<String, Long> after = server.cost(false);
				if (target == Target.FILE || target == Target.COUNT) {
					check(target, server, before, result);
				}
				if (target == Target.FILE) {
					// Only what is written is wanted, and that fast it fills a disk
					Files.newByteChannel(file, java.nio.file.StandardOpenOption.WRITE).truncate(0).close();
				}
				return new Round(result, (after.get("cpu") - before.get("cpu")) / 1e3 / result.events());
			}
		}

		private static void check(Target target, BenchProcess server, Map<String, Long> before, Result result)
				throws Exception {
			long wanted = before.get("handled") + (long) result.events();
			long deadline = System.nanoTime() + 10_000_000_000L;
			while (server.cost(false).get("handled") < wanted) {
				if (System.nanoTime() > deadline) {
					throw new IllegalStateException(target + " lost events: " + server.cost(false));
				}
				Thread.sleep(20);
			}
		}

		double batchesPerSecond() {
			return this.result.batchesPerSecond();
		}

		double eventsPerSecond() {
			return this.result.eventsPerSecond();
		}

	}

}
