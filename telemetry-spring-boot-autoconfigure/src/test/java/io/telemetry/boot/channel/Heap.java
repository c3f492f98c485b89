package io.telemetry.boot.channel;

import java.lang.management.ManagementFactory;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What the process holds on to.
 */
final class Heap {

	private Heap() {
	}

	/**
	 * Bytes that are left when garbage has been collected.
	 */
	static long live() {
		long least = Long.MAX_VALUE;
		for (int i = 0; i < 3; i++) {
			System.gc();
			least = Math.min(least, ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
		}
		return least;
	}

	/**
	 * What clients leave behind does not depend on how many there were.
	 * @param before what the process held before they came
	 * @param megabytes most that they may have added
	 */
	static void assertGrownByAtMost(long before, int megabytes) {
		assertThat(live() - before).isLessThan(megabytes * 1024L * 1024L);
	}

}
