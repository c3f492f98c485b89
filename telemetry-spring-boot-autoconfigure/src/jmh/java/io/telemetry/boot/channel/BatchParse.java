package io.telemetry.boot.channel;

import java.lang.management.ManagementFactory;
import java.util.Locale;

import com.sun.management.OperatingSystemMXBean;
import tools.jackson.core.JsonParser;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/**
 * The processor time that Jackson takes to read a batch's tokens to the end, with nothing
 * kept, for each event: the yardstick for what the channel takes from the socket to the
 * handler.
 * <p>
 * Argument: seconds to measure, 5 without.
 */
public final class BatchParse {

	private BatchParse() {
	}

	public static void main(String[] args) throws Exception {
		double seconds = (args.length > 0) ? Double.parseDouble(args[0]) : 5;
		cpuNanosPerEvent(seconds / 2);
		System.out.printf(Locale.ROOT, "%.0f ns of processor time for each event of %d bytes%n",
				cpuNanosPerEvent(seconds), bytesPerEvent());
	}

	static int bytesPerEvent() {
		return (LoadBatch.of(ChannelLoad.EVENTS).length - LoadBatch.of(0).length) / ChannelLoad.EVENTS;
	}

	static double cpuNanosPerEvent(double seconds) throws Exception {
		OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
		JsonFactory factory = JsonFactory.builder().build();
		byte[] batch = LoadBatch.of(ChannelLoad.EVENTS);
		long events = 0;
		long tokens = 0;
		long cpu = system.getProcessCpuTime();
		long end = System.nanoTime() + (long) (seconds * 1e9);
		while (System.nanoTime() < end) {
			try (JsonParser parser = factory.createParser(ObjectReadContext.empty(), batch)) {
				while (parser.nextToken() != null) {
					tokens++;
				}
			}
			events += ChannelLoad.EVENTS;
		}
		if (tokens < events) {
			throw new IllegalStateException("Nothing was read");
		}
		return (system.getProcessCpuTime() - cpu) / (double) events;
	}

}
