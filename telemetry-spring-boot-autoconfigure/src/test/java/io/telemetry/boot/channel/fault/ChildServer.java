package io.telemetry.boot.channel.fault;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A server in a process of its own ({@link FaultApplication}), that can be killed,
 * stopped and asked. It writes every event into {@code signals.jsonl} of its directory,
 * through a queue that waits for room, so that nothing is dropped that was accepted.
 */
public final class ChildServer implements AutoCloseable {

	/** What a server prints before what a test is to read. */
	static final String SIGN = "harness ";

	private static final JsonMapper JSON = JsonMapper.shared();

	private final Process process;

	private final Path directory;

	private final List<String> log = new CopyOnWriteArrayList<>();

	private final BlockingQueue<String> answers = new LinkedBlockingQueue<>();

	private int port;

	private ChildServer(Process process, Path directory) {
		this.process = process;
		this.directory = directory;
	}

	/**
	 * Starts a server on a free port and waits until it takes clients.
	 * @param directory where it writes; may be that of an earlier one
	 * @param properties such as {@code telemetry.channel.ack=durable}; these win
	 */
	public static ChildServer start(Path directory, String... properties) throws Exception {
		return begin(directory, properties).awaitStarted();
	}

	/**
	 * Starts a server and does not wait.
	 */
	public static ChildServer begin(Path directory, String... properties) throws IOException {
		List<String> command = new ArrayList<>(List.of(ProcessHandle.current().info().command().orElse("java"),
				"-XX:TieredStopAtLevel=1", "-XX:-UsePerfData", "-XX:+UseSerialGC", "-Xshare:auto", "-Xmx256m", "-cp",
				System.getProperty("java.class.path"), FaultApplication.class.getName(),
				// Not into target, and not shared with anybody
				"--telemetry.handlers.file.file.path=" + directory.resolve("signals.jsonl")));
		for (String property : properties) {
			command.add("--" + property);
		}
		ChildServer server = new ChildServer(new ProcessBuilder(command).redirectErrorStream(true).start(), directory);
		Thread reader = new Thread(server::read, "child-server-" + server.process.pid());
		reader.setDaemon(true);
		reader.start();
		return server;
	}

	private void read() {
		try (BufferedReader lines = new BufferedReader(
				new InputStreamReader(this.process.getInputStream(), StandardCharsets.UTF_8))) {
			for (String line = lines.readLine(); line != null; line = lines.readLine()) {
				if (line.startsWith(SIGN)) {
					this.answers.add(line.substring(SIGN.length()));
				}
				else {
					this.log.add(line);
				}
			}
		}
		catch (IOException ex) {
			this.log.add(ex.toString());
		}
	}

	/**
	 * Waits until the server takes clients.
	 */
	public ChildServer awaitStarted() throws InterruptedException {
		this.port = Integer.parseInt(answer());
		return this;
	}

	/**
	 * Where clients connect to.
	 */
	public int port() {
		return this.port;
	}

	/**
	 * Where the server writes.
	 */
	public Path directory() {
		return this.directory;
	}

	/**
	 * What the server wrote to its log and its error stream.
	 */
	public List<String> log() {
		return this.log;
	}

	/**
	 * Ends it at once (SIGKILL) and waits for that.
	 */
	public ChildServer kill() throws InterruptedException {
		// Not Process.destroyForcibly(), which closes what is being read.
		this.process.toHandle().destroyForcibly();
		return awaitEnd();
	}

	/**
	 * Halts it (SIGSTOP): connections stay, nothing answers.
	 */
	public void pause() throws Exception {
		signal("STOP");
	}

	/**
	 * Lets it go on (SIGCONT).
	 */
	public void resume() throws Exception {
		signal("CONT");
	}

	/**
	 * Asks it to end in order (SIGTERM). Does not wait.
	 */
	public void beginStop() throws Exception {
		signal("TERM");
	}

	/**
	 * Ends it in order (SIGTERM) and waits for that.
	 */
	public ChildServer stop() throws Exception {
		beginStop();
		return awaitEnd();
	}

	/**
	 * Waits until the process has ended.
	 */
	public ChildServer awaitEnd() throws InterruptedException {
		if (!this.process.waitFor(30, TimeUnit.SECONDS)) {
			throw new AssertionError("The server has not ended:\n" + String.join("\n", this.log));
		}
		return this;
	}

	public boolean isAlive() {
		return this.process.isAlive();
	}

	private void signal(String name) throws Exception {
		Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(this.process.pid())).inheritIO().start();
		if (kill.waitFor() != 0) {
			throw new IllegalStateException("No " + name + " could be sent to " + this.process.pid());
		}
	}

	/**
	 * Lets the handler {@code gate}, where the properties name one, stand still.
	 */
	public void holdGate() throws InterruptedException {
		ask("hold");
	}

	/**
	 * Lets the handler {@code gate} work on.
	 */
	public void openGate() throws InterruptedException {
		ask("open");
	}

	/**
	 * What the channel counts, as Actuator shows it, and under {@code gate} what the
	 * handler of that name has handled.
	 */
	public JsonNode stats() throws InterruptedException {
		return JSON.readTree(ask("stats"));
	}

	private synchronized String ask(String question) throws InterruptedException {
		try {
			Writer commands = this.process.outputWriter(StandardCharsets.UTF_8);
			commands.write(question + "\n");
			commands.flush();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		return answer();
	}

	private String answer() throws InterruptedException {
		for (int second = 0; second < 60; second++) {
			String answer = this.answers.poll(1, TimeUnit.SECONDS);
			if (answer != null) {
				return answer;
			}
			if (!this.process.isAlive() && this.answers.isEmpty()) {
				throw new AssertionError("The server has ended:\n" + String.join("\n", this.log));
			}
		}
		throw new AssertionError("The server does not answer:\n" + String.join("\n", this.log));
	}

	/**
	 * Leaves no process behind, whatever state it is in.
	 */
	@Override
	public void close() {
		this.process.toHandle().destroyForcibly();
	}

}
