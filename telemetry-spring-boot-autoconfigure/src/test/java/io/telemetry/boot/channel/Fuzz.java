package io.telemetry.boot.channel;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Many rounds of one test, each with an input of its own that a seed determines. Few
 * rounds by default; {@code -Plong} makes them fifty times as many,
 * {@code -Dtelemetry.fuzz.seconds=600} runs for a time, from another seed each time. A
 * failure tells the seed of its round: {@code -Dtelemetry.fuzz.seed=…
 * -Dtelemetry.fuzz.rounds=1} repeats it.
 */
final class Fuzz {

	private static final long SECONDS = Long.getLong("telemetry.fuzz.seconds", 0);

	private static final long SEED = Long.getLong("telemetry.fuzz.seed", (SECONDS > 0) ? System.nanoTime() : 20260101L);

	private static final int TIMES = Boolean.getBoolean("telemetry.test.long") ? 50 : 1;

	private final String name;

	private final long seconds;

	private final long rounds;

	private final int threads;

	private Fuzz(String name, long seconds, long rounds, int threads) {
		this.name = name;
		this.seconds = seconds;
		this.rounds = rounds;
		this.threads = threads;
	}

	static Fuzz of(String name, int rounds) {
		return new Fuzz(name, SECONDS, Long.getLong("telemetry.fuzz.rounds", (long) rounds * TIMES), 1);
	}

	/**
	 * So many rounds whatever is asked for, until everything has been used once.
	 */
	static Fuzz warmUp(int rounds) {
		return new Fuzz("warm-up", 0, rounds, 1);
	}

	/**
	 * Several rounds at once.
	 */
	Fuzz on(int threads) {
		return new Fuzz(this.name, this.seconds, this.rounds, threads);
	}

	/**
	 * Goes round until there have been enough rounds, or one failed.
	 * @param generator makes the input of a round
	 * @param target what is tried on it
	 */
	void run(Generator generator, Target target) {
		AtomicLong next = new AtomicLong();
		AtomicReference<Throwable> failure = new AtomicReference<>();
		long end = System.nanoTime() + this.seconds * 1_000_000_000L;
		Runnable work = () -> {
			long round = next.getAndIncrement();
			while (failure.get() == null && ((this.seconds > 0) ? System.nanoTime() < end : round < this.rounds)) {
				byte[] input = {};
				try {
					input = generator.next(new SplittableRandom(SEED + round));
					target.accept(input, new SplittableRandom(~(SEED + round)));
				}
				catch (Throwable ex) {
					failure.compareAndSet(null,
							new AssertionError(
									this.name + ": round " + round + ", to be repeated by -Dtelemetry.fuzz.seed="
											+ (SEED + round) + " -Dtelemetry.fuzz.rounds=1; input of " + input.length
											+ " bytes: " + readable(input),
									ex));
				}
				round = next.getAndIncrement();
			}
		};
		List<Thread> workers = new ArrayList<>();
		for (int i = 1; i < this.threads; i++) {
			Thread worker = new Thread(work, "fuzz-" + i);
			worker.start();
			workers.add(worker);
		}
		work.run();
		Patience.await().until(() -> workers.stream().noneMatch(Thread::isAlive));
		if (this.seconds > 0) {
			System.out.println(this.name + ": " + next.get() + " rounds from seed " + SEED);
		}
		if (failure.get() instanceof Error error) {
			throw error;
		}
	}

	private static String readable(byte[] input) {
		StringBuilder text = new StringBuilder();
		for (char c : new String(input, StandardCharsets.ISO_8859_1).toCharArray()) {
			if (text.length() > 4000) {
				return text.append('…').toString();
			}
			if (c >= ' ' && c < 0x7f && c != '\\') {
				text.append(c);
			}
			else {
				text.append(String.format("\\x%02x", (int) c));
			}
		}
		return text.toString();
	}

	@FunctionalInterface
	interface Generator {

		byte[] next(SplittableRandom random);

	}

	@FunctionalInterface
	interface Target {

		void accept(byte[] input, SplittableRandom random) throws Exception;

	}

}
