package io.telemetry.boot.channel;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.lang.management.MemoryUsage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Supplier;

import com.sun.management.GarbageCollectorMXBean;
import com.sun.management.GcInfo;
import com.sun.management.UnixOperatingSystemMXBean;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;

/**
 * What a server has cost so far, as {@code name=value} lines: processor time, resident
 * memory, open files, what the last collection left of the heap, and how long collections
 * took altogether. With the query {@code gc} everything is collected first.
 */
final class BenchServlet extends HttpServlet {

	private static final long serialVersionUID = 1L;

	private final transient Supplier<Map<String, Long>> counts;

	BenchServlet(Supplier<Map<String, Long>> counts) {
		this.counts = counts;
	}

	@Override
	protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
		StringBuilder answer = new StringBuilder();
		if ("gc".equals(request.getQueryString())) {
			System.gc();
			System.gc();
			answer.append("heap=")
				.append(ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed())
				.append('\n');
		}
		UnixOperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(UnixOperatingSystemMXBean.class);
		answer.append("cpu=")
			.append(system.getProcessCpuTime())
			.append("\nrss=")
			.append(residentBytes())
			.append("\nfiles=")
			.append(system.getOpenFileDescriptorCount())
			.append('\n');
		collections(answer);
		this.counts.get().forEach((name, count) -> answer.append(name).append('=').append(count).append('\n'));
		response.setContentType("text/plain");
		response.getWriter().print(answer);
	}

	private static void collections(StringBuilder answer) {
		long millis = 0;
		long left = 0;
		long last = -1;
		for (GarbageCollectorMXBean collector : ManagementFactory.getPlatformMXBeans(GarbageCollectorMXBean.class)) {
			GcInfo info = collector.getLastGcInfo();
			millis += collector.getCollectionTime();
			if (info != null && info.getEndTime() > last) {
				last = info.getEndTime();
				left = 0;
				for (MemoryPoolMXBean pool : ManagementFactory.getMemoryPoolMXBeans()) {
					MemoryUsage usage = info.getMemoryUsageAfterGc().get(pool.getName());
					if (pool.getType() == MemoryType.HEAP && usage != null) {
						left += usage.getUsed();
					}
				}
			}
		}
		answer.append("left=").append(left).append("\ngc=").append(millis).append('\n');
	}

	private static long residentBytes() throws IOException {
		for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
			if (line.startsWith("VmRSS:")) {
				return 1024 * Long.parseLong(line.replaceAll("[^0-9]", ""));
			}
		}
		return 0;
	}

}
