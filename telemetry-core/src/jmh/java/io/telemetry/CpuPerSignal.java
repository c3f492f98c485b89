package io.telemetry;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;

import com.sun.management.OperatingSystemMXBean;

/**
 * What a signal costs the whole process, both sides of the queue and the garbage
 * collector included: JMH tells of the producing threads alone. The set-up is that of
 * {@link SustainedBenchmark}; every library and number of producers has a process of its
 * own, so that none runs on code that was compiled for another.
 * <p>
 * Arguments: signals per round in millions (2 without), then libraries (all without).
 * <pre>
 * ./mvnw -q -Pjmh -pl telemetry-core test-compile exec:exec -Djmh.main=io.telemetry.CpuPerSignal -Djmh.args="2"
 * </pre>
 */
public final class CpuPerSignal {

	private static final int[] PRODUCERS = { 1, 2, 4 };

	private static final int WARM_UP_ROUNDS = 5;

	/** Odd, so that there is one in the middle. */
	private static final int ROUNDS = 5;

	private static final String CHILD = "--measure";

	private CpuPerSignal() {
	}

	public static void main(String[] args) throws Exception {
		if (args.length == 4 && args[0].equals(CHILD)) {
			System.out.println(measure(Library.valueOf(args[1]), Integer.parseInt(args[2]), Integer.parseInt(args[3])));
			return;
		}
		int signals = 1_000_000 * ((args.length > 0) ? Integer.parseInt(args[0]) : 2);
		List<Library> libraries = (args.length > 1) ? Arrays.stream(args).skip(1).map(Library::valueOf).toList()
				: List.of(Library.values());
		System.out.println("| call | producers | ns per signal | CPU ns per signal | signals/s |");
		System.out.println("|---|---|---|---|---|");
		for (int producers : PRODUCERS) {
			for (Library library : libraries) {
				System.out.println(measureInChild(library, producers, signals));
			}
		}
	}

	private static String measureInChild(Library library, int producers, int signals)
			throws IOException, InterruptedException {
		List<String> command = new ArrayList<>();
		command.add(System.getProperty("java.home") + "/bin/java");
		// What was tried on the command line is tried in every process.
		ManagementFactory.getRuntimeMXBean()
			.getInputArguments()
			.stream()
			.filter((argument) -> argument.startsWith("-D") || argument.startsWith("-X"))
			.forEach(command::add);
		command.addAll(List.of("-classpath", System.getProperty("java.class.path"), CpuPerSignal.class.getName(), CHILD,
				library.name(), Integer.toString(producers), Integer.toString(signals)));
		Process process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
		String row = null;
		try (BufferedReader output = new BufferedReader(new InputStreamReader(process.getInputStream()))) {
			for (String line = output.readLine(); line != null; line = output.readLine()) {
				row = line;
			}
		}
		int status = process.waitFor();
		Sender.require(status == 0 && row != null, library + " with " + producers + " producers ended with " + status);
		return row;
	}

	private static String measure(Library library, int producers, int signals) throws InterruptedException {
		int each = signals / producers;
		List<Round> rounds = new ArrayList<>();
		try (Sender sender = library.open()) {
			long sent = 1;
			for (int i = 0; i < WARM_UP_ROUNDS + ROUNDS; i++) {
				sent += (long) each * producers;
				Round round = Round.of(sender, producers, each, sent);
				if (i >= WARM_UP_ROUNDS) {
					rounds.add(round);
				}
			}
		}
		rounds.sort(Comparator.comparingDouble(Round::cpuNanos));
		Round middle = rounds.get(ROUNDS / 2);
		return String.format(Locale.ROOT, "| %s | %d | %.0f | %.0f (%.0f to %.0f) | %,.0f |", library, producers,
				middle.nanos(), middle.cpuNanos(), rounds.get(0).cpuNanos(), rounds.get(ROUNDS - 1).cpuNanos(),
				1e9 / middle.nanos());
	}

	/**
	 * One round, begun and ended with an empty queue.
	 *
	 * @param nanos time per signal
	 * @param cpuNanos CPU of the process per signal
	 */
	private record Round(double nanos, double cpuNanos) {

		static Round of(Sender sender, int producers, int each, long sent) throws InterruptedException {
			CountDownLatch ready = new CountDownLatch(producers);
			CountDownLatch go = new CountDownLatch(1);
			List<Thread> threads = new ArrayList<>();
			for (int i = 0; i < producers; i++) {
				Thread thread = new Thread(() -> produce(sender, each, ready, go));
				thread.start();
				threads.add(thread);
			}
			ready.await();
			OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
			long cpu = system.getProcessCpuTime();
			long begin = System.nanoTime();
			go.countDown();
			for (Thread thread : threads) {
				thread.join();
			}
			sender.awaitArrived(sent);
			double signals = (double) producers * each;
			return new Round((System.nanoTime() - begin) / signals, (system.getProcessCpuTime() - cpu) / signals);
		}

		private static void produce(Sender sender, int each, CountDownLatch ready, CountDownLatch go) {
			sender.enter();
			ready.countDown();
			try {
				go.await();
			}
			catch (InterruptedException ex) {
				throw new IllegalStateException(ex);
			}
			for (int i = 0; i < each; i++) {
				sender.send();
			}
		}

	}

}
