package io.telemetry.boot.channel;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Supplier;

import com.sun.management.OperatingSystemMXBean;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;

/**
 * What a server has cost so far, as {@code name=value} lines: processor time, and with
 * the query {@code gc} the heap in use after a collection and the resident memory.
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
				.append("\nrss=")
				.append(residentBytes())
				.append('\n');
		}
		answer.append("cpu=")
			.append(ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getProcessCpuTime())
			.append('\n');
		this.counts.get().forEach((name, count) -> answer.append(name).append('=').append(count).append('\n'));
		response.setContentType("text/plain");
		response.getWriter().print(answer);
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
