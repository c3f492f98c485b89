package io.telemetry.sample;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.stream.Collectors;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import io.telemetry.boot.channel.control.ChannelControl;
import io.telemetry.boot.channel.control.ClientSettingsChange;
import io.telemetry.boot.channel.control.DiagnosticsPart;
import io.telemetry.boot.channel.control.Target;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

import static org.awaitility.Awaitility.await;

/**
 * A real Chromium against the running shop, one application for all tests that extend
 * this. Each test has a visitor of its own (storage and all); pages that only tests need
 * lie under {@code src/test/resources/static/pages}, and what arrived is read from the
 * file.
 */
@SpringBootTest(webEnvironment = WebEnvironment.RANDOM_PORT)
abstract class BrowserTestCase {

	static final Duration PATIENCE = Duration.ofSeconds(20);

	static final JsonMapper JSON = new JsonMapper();

	static final Path FILE = file();

	private static Chromium chromium;

	@LocalServerPort
	private int port;

	@Autowired
	private ChannelControl control;

	private BrowserContext visitor;

	private static Path file() {
		try {
			Path directory = Files.createTempDirectory("browser-tests");
			directory.toFile().deleteOnExit();
			return directory.resolve("telemetry.jsonl");
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	@DynamicPropertySource
	static void fileInTemporaryDirectory(DynamicPropertyRegistry registry) {
		registry.add("telemetry.handlers.file.file.path", FILE::toString);
	}

	@BeforeAll
	static void launch() {
		chromium = Chromium.launch();
	}

	@AfterAll
	static void quit() {
		if (chromium != null) {
			chromium.close();
		}
	}

	@BeforeEach
	void come() {
		this.visitor = chromium.browser().newContext();
		this.visitor.setDefaultTimeout(PATIENCE.toMillis());
	}

	@AfterEach
	void leave() {
		// A page that is closed says its last words: whoever answers in the network's
		// place
		// would do so to a page that is gone
		this.visitor.pages().forEach(Page::unrouteAll);
		this.visitor.unrouteAll();
		this.visitor.close();
	}

	/**
	 * The context of this test's visitor.
	 */
	BrowserContext visitor() {
		return this.visitor;
	}

	/**
	 * A page of somebody who shares nothing with this test's visitor.
	 */
	static Page anotherVisitor() {
		BrowserContext visitor = chromium.browser().newContext();
		visitor.setDefaultTimeout(PATIENCE.toMillis());
		return visitor.newPage();
	}

	String url(String path) {
		return "http://localhost:" + this.port + path;
	}

	/**
	 * A page of the shop, or of the tests under {@code /pages/}, loaded.
	 */
	Page open(String path) {
		Page page = this.visitor.newPage();
		page.navigate(url(path));
		return page;
	}

	/**
	 * A text that is nobody else's. Of letters: digits may look like a card's number,
	 * which the client removes.
	 */
	static String mark(String prefix) {
		return prefix + UUID.randomUUID()
			.toString()
			.replace("-", "")
			.chars()
			.mapToObj((c) -> Character.toString('a' + Character.digit(c, 16)))
			.collect(Collectors.joining());
	}

	/**
	 * The session that a page's events bear; waits until they arrive.
	 */
	static String sessionOf(Page page) {
		String mark = mark("mark-");
		page.evaluate("(mark) => { Telemetry.log('info', mark); return Telemetry.flush(); }", mark);
		return awaitSignal((signal) -> mark.equals(text(signal, "msg"))).at("/data/sessionId").asString();
	}

	/**
	 * Changes what the server wants of one page, and waits until the page has heard of
	 * it.
	 */
	void configure(String session, ClientSettingsChange change) {
		awaitListening(session);
		this.control.configure(Target.session(session), change, null);
		awaitHeard(session);
	}

	/**
	 * Takes that back, and waits in the same way.
	 */
	void takeBack(String session) {
		this.control.reset(Target.session(session));
		awaitHeard(session);
	}

	private void awaitListening(String session) {
		await().atMost(PATIENCE)
			.until(() -> this.control
				.hasClient((client) -> client.isListening() && session.equals(client.sessionId())));
	}

	/**
	 * A page is told one thing after the other: when it answers it has heard what was
	 * before.
	 */
	private void awaitHeard(String session) {
		String request = this.control.diagnose(Target.session(session), Set.of(DiagnosticsPart.BUFFER)).requestId();
		awaitSignal((signal) -> is(signal, "channel/diagnostics")
				&& request.equals(signal.at("/data/requestId").asString()));
	}

	ChannelControl control() {
		return this.control;
	}

	static JsonNode awaitSignal(Predicate<JsonNode> wanted) {
		return await().atMost(PATIENCE)
			.until(() -> signals().stream().filter(wanted).findFirst(), java.util.Optional::isPresent)
			.orElseThrow();
	}

	static boolean is(JsonNode signal, String id) {
		return id.equals(text(signal, "id"));
	}

	static boolean isOf(JsonNode signal, String session, String id) {
		return is(signal, id) && session.equals(signal.at("/data/sessionId").asString(""));
	}

	static String text(JsonNode signal, String field) {
		return signal.path(field).asString("");
	}

	/**
	 * All that has arrived, of all tests so far.
	 */
	static List<JsonNode> signals() {
		List<JsonNode> signals = new ArrayList<>();
		try {
			if (Files.exists(FILE)) {
				for (String line : Files.readAllLines(FILE)) {
					signals.add(JSON.readTree(line));
				}
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		return signals;
	}

}
