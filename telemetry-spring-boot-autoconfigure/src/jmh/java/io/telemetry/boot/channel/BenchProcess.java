package io.telemetry.boot.channel;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A server in a process of its own, with the options of this one. It ends when it is
 * closed, or with this process.
 */
final class BenchProcess implements AutoCloseable {

	private static final HttpClient HTTP = HttpClient.newHttpClient();

	private final Process process;

	private final int port;

	private BenchProcess(Process process, int port) {
		this.process = process;
		this.port = port;
	}

	/**
	 * Starts a server; returns when it has told its port.
	 */
	static BenchProcess start(Class<?> main, List<String> arguments, String... options) throws IOException {
		List<String> command = new ArrayList<>();
		command.add(System.getProperty("java.home") + "/bin/java");
		ManagementFactory.getRuntimeMXBean()
			.getInputArguments()
			.stream()
			.filter((argument) -> argument.startsWith("-D") || argument.startsWith("-X"))
			.forEach(command::add);
		command.addAll(List.of(options));
		command.addAll(List.of("-XX:+UseG1GC", "-classpath", System.getProperty("java.class.path"), main.getName()));
		command.addAll(arguments);
		Process process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
		BufferedReader output = new BufferedReader(new InputStreamReader(process.getInputStream()));
		for (String line = output.readLine(); line != null; line = output.readLine()) {
			if (line.startsWith("port=")) {
				return new BenchProcess(process, Integer.parseInt(line.substring(5)));
			}
			System.err.println(line);
		}
		throw new IOException(main.getSimpleName() + " did not start with " + arguments);
	}

	int port() {
		return this.port;
	}

	long pid() {
		return this.process.pid();
	}

	/**
	 * What {@link BenchServlet} tells.
	 */
	Map<String, Long> cost(boolean gc) throws IOException, InterruptedException {
		URI uri = URI.create("http://localhost:" + this.port + "/bench" + (gc ? "?gc" : ""));
		Map<String, Long> cost = new HashMap<>();
		HTTP.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofLines()).body().forEach((line) -> {
			int equals = line.indexOf('=');
			cost.put(line.substring(0, equals), Long.parseLong(line.substring(equals + 1)));
		});
		return cost;
	}

	@Override
	public void close() {
		try {
			this.process.getOutputStream().close();
			if (!this.process.waitFor(60, TimeUnit.SECONDS)) {
				this.process.destroyForcibly();
			}
		}
		catch (IOException | InterruptedException ex) {
			this.process.destroyForcibly();
		}
	}

}
