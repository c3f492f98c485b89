package io.telemetry.handler.socket;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.Assumptions;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A real rsyslogd of its own, on ports of its own, that writes what it made of each
 * message as a line of JSON. Where there is none, a test is skipped visibly, or fails
 * when {@code -Dtelemetry.test.required=all} asks for it.
 */
final class Rsyslog implements AutoCloseable {

	private static final Duration PATIENCE = Duration.ofSeconds(30);

	private static final JsonMapper MAPPER = new JsonMapper();

	private final Path program;

	private final Path directory;

	private final int tcpPort;

	private final int udpPort;

	private Process process;

	private Rsyslog(Path program, Path directory, int tcpPort, int udpPort) {
		this.program = program;
		this.directory = directory;
		this.tcpPort = tcpPort;
		this.udpPort = udpPort;
	}

	/**
	 * Starts one.
	 * @param directory where its files go
	 */
	static Rsyslog start(Path directory) throws IOException {
		return start(directory, "", "");
	}

	/**
	 * Starts one whose TCP is TLS.
	 * @param directory where its files go
	 * @param certificate a PEM file, with the key beside it
	 */
	static Rsyslog startWithTls(Path directory, Path certificate) throws IOException {
		String key = certificate.toString().replace(".crt", ".key");
		return start(directory, """
				DefaultNetstreamDriver="ossl" DefaultNetstreamDriverCAFile="%1$s"
				DefaultNetstreamDriverCertFile="%1$s" DefaultNetstreamDriverKeyFile="%2$s"
				""".formatted(certificate, key),
				"StreamDriver.Name=\"ossl\" StreamDriver.Mode=\"1\" StreamDriver.AuthMode=\"anon\"");
	}

	private static Rsyslog start(Path directory, String global, String tcp) throws IOException {
		Path program = installed(global.isEmpty() ? "imtcp.so" : "lmnsd_ossl.so");
		int udpPort;
		try (DatagramSocket socket = new DatagramSocket(0, InetAddress.getByName("127.0.0.1"))) {
			udpPort = socket.getLocalPort();
		}
		Rsyslog rsyslog = new Rsyslog(program, directory, TcpPeer.freePort(), udpPort);
		Files.writeString(directory.resolve("rsyslog.conf"), """
				global(workDirectory="%1$s" maxMessageSize="64k" %4$s)
				module(load="imtcp" %5$s)
				module(load="imudp")
				template(name="fields" type="list" option.jsonf="on") {
				  property(outname="pri" name="pri" format="jsonf")
				  property(outname="facility" name="syslogfacility-text" format="jsonf")
				  property(outname="severity" name="syslogseverity-text" format="jsonf")
				  property(outname="timestamp" name="timereported" dateFormat="rfc3339" format="jsonf")
				  property(outname="host" name="hostname" format="jsonf")
				  property(outname="appName" name="app-name" format="jsonf")
				  property(outname="processId" name="procid" format="jsonf")
				  property(outname="messageId" name="msgid" format="jsonf")
				  property(outname="structuredData" name="structured-data" format="jsonf")
				  property(outname="message" name="msg" format="jsonf")
				  property(outname="input" name="inputname" format="jsonf")
				}
				ruleset(name="received") {
				  action(type="omfile" file="%1$s/received.json" template="fields" flushOnTXEnd="on")
				}
				input(type="imtcp" port="%2$d" address="127.0.0.1" ruleset="received" name="tcp")
				input(type="imudp" port="%3$d" address="127.0.0.1" ruleset="received" name="udp")
				""".formatted(directory, rsyslog.tcpPort, rsyslog.udpPort, global, tcp));
		rsyslog.restart();
		return rsyslog;
	}

	private static Path installed(String module) throws IOException {
		Optional<Path> program = Stream.of("/usr/sbin/rsyslogd", "/sbin/rsyslogd", "/usr/local/sbin/rsyslogd")
			.map(Path::of)
			.filter(Files::isExecutable)
			.findFirst();
		boolean complete = false;
		if (program.isPresent()) {
			for (String root : List.of("/usr/lib", "/usr/lib64", "/usr/local/lib")) {
				if (Files.isDirectory(Path.of(root))) {
					try (Stream<Path> files = Files.find(Path.of(root), 3,
							(path, attributes) -> path.endsWith(Path.of("rsyslog", module)))) {
						complete |= files.findAny().isPresent();
					}
				}
			}
		}
		if (!complete && "all".equals(System.getProperty("telemetry.test.required"))) {
			throw new IllegalStateException(
					"rsyslogd with " + module + " is required and not installed (Debian: rsyslog, rsyslog-openssl)");
		}
		Assumptions.assumeTrue(complete,
				"No rsyslogd with " + module + " is installed (Debian: rsyslog, rsyslog-openssl)");
		return program.orElseThrow();
	}

	int tcpPort() {
		return this.tcpPort;
	}

	int udpPort() {
		return this.udpPort;
	}

	/**
	 * Starts it, and waits until it takes connections.
	 */
	void restart() throws IOException {
		this.process = new ProcessBuilder(this.program.toString(), "-n", "-f",
				this.directory.resolve("rsyslog.conf").toString(), "-i", this.directory.resolve("pid").toString())
			.redirectErrorStream(true)
			.redirectOutput(ProcessBuilder.Redirect.appendTo(this.directory.resolve("rsyslog.log").toFile()))
			.start();
		Awaitility.await().atMost(PATIENCE).until(this::takesConnections);
	}

	private boolean takesConnections() throws IOException {
		if (!this.process.isAlive()) {
			throw new IllegalStateException(
					"rsyslogd ended: " + Files.readString(this.directory.resolve("rsyslog.log")));
		}
		try (Socket socket = new Socket("127.0.0.1", this.tcpPort)) {
			return socket.isConnected();
		}
		catch (IOException ex) {
			return false;
		}
	}

	/**
	 * What it received so far.
	 */
	List<JsonNode> received() throws IOException {
		Path file = this.directory.resolve("received.json");
		if (!Files.exists(file)) {
			return List.of();
		}
		String text = Files.readString(file);
		// A line is there when it has its end.
		return text.substring(0, text.lastIndexOf('\n') + 1).lines().map(MAPPER::readTree).toList();
	}

	/**
	 * Waits until it has received so many messages.
	 */
	List<JsonNode> received(int count) {
		return Awaitility.await().atMost(PATIENCE).until(this::received, (received) -> received.size() >= count);
	}

	@Override
	public void close() {
		stop();
	}

	/**
	 * Ends it as the system does, and waits for that.
	 */
	void stop() {
		this.process.destroy();
		try {
			if (!this.process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
				this.process.destroyForcibly();
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			this.process.destroyForcibly();
		}
	}

}
