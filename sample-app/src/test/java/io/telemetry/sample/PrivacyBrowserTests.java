package io.telemetry.sample;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What the visitor has not agreed to does not leave the page, what is private not even
 * then, and a page that floods is held back.
 */
@Tag("browser")
class PrivacyBrowserTests extends BrowserTestCase {

	private static final String CONFIG = "**/chsk/config*";

	/** What a page sends: connections and posted batches. */
	private final List<String> sent = new CopyOnWriteArrayList<>();

	@Test
	void nothingIsSentOrStoredBeforeConsentAndAllOfItAfter() {
		Page page = watched("/pages/consent.html");
		page.evaluate("Telemetry.log('info', 'before consent')");
		page.evaluate("setTimeout(() => { throw new Error('failed before consent'); })");
		assertThat(page.evaluate("Telemetry.flush(500)")).isEqualTo(false);
		assertThat(this.sent).isEmpty();
		assertThat(page.evaluate("sessionStorage.length + localStorage.length")).isEqualTo(0);

		page.evaluate("Telemetry.setConsent(true)");
		JsonNode before = awaitSignal((signal) -> "before consent".equals(text(signal, "msg")));
		awaitSignal((signal) -> text(signal, "msg").contains("failed before consent"));
		assertThat(page.evaluate("sessionStorage.getItem('io.telemetry.session').split(' ')[0]"))
			.isEqualTo(before.at("/data/sessionId").asString());
	}

	@Test
	void refusedNothingConnectsAndThePageIsAsItWas() {
		Page page = watched("/pages/consent.html");
		assertThat(page.evaluate("String(console.warn).includes('native code')")).isEqualTo(false);
		page.evaluate("Telemetry.log('info', 'refused, before')");
		page.evaluate("Telemetry.setConsent(false)");
		page.evaluate("Telemetry.log('info', 'refused, after')");
		assertThat(page.evaluate("String(console.warn).includes('native code')")).isEqualTo(true);
		assertThat(page.evaluate("Telemetry.flush()")).isEqualTo(true);
		assertThat(page.evaluate("sessionStorage.length + localStorage.length")).isEqualTo(0);
		page.navigate(url("/pages/private.html"));
		sessionOf(page);
		assertThat(signals()).extracting((signal) -> text(signal, "msg"))
			.doesNotContain("refused, before", "refused, after");
	}

	@Test
	void consentTakenBackEndsTheConnection() {
		Page page = open("/pages/private.html");
		sessionOf(page);
		page.evaluate("Telemetry.log('info', 'not any more')");
		page.evaluate("Telemetry.setConsent(false)");
		assertThat(page.evaluate("sessionStorage.length")).isEqualTo(0);
		page.evaluate("Telemetry.setConsent(true)");
		String session = sessionOf(page);
		assertThat(session).isNotBlank();
		assertThat(signals()).noneMatch((signal) -> text(signal, "msg").equals("not any more"));
	}

	@Test
	void serverThatWantsConsentGetsNothingWithoutIt() {
		configure("requireConsent", true);
		Page page = watched("/pages/private.html");
		page.evaluate("Telemetry.init({ privacy: { requireConsent: false } })");
		page.evaluate("Telemetry.log('info', 'as the server wants')");
		assertThat(page.evaluate("Telemetry.flush(500)")).isEqualTo(false);
		assertThat(this.sent).isEmpty();
		assertThat(page.evaluate("sessionStorage.length")).isEqualTo(0);
		page.evaluate("Telemetry.setConsent(true)");
		awaitSignal((signal) -> "as the server wants".equals(text(signal, "msg")));
	}

	@ParameterizedTest
	@ValueSource(strings = { "respectGpc", "respectDnt" })
	void browserThatRefusesForItsVisitorIsRespectedWhereSoSet(String rule) {
		String signal = rule.equals("respectGpc") ? "globalPrivacyControl" : "doNotTrack";
		visitor().addInitScript("Object.defineProperty(Navigator.prototype, '" + signal + "', { get: () => "
				+ (rule.equals("respectGpc") ? "true" : "'1'") + " })");
		Page listening = open("/pages/private.html");
		sessionOf(listening);

		configure(rule, true);
		Page page = watched("/pages/private.html");
		page.waitForFunction("String(console.warn).includes('native code')");
		page.evaluate("Telemetry.log('info', 'unheard " + rule + "')");
		page.evaluate("Telemetry.setConsent(true)");
		assertThat(page.evaluate("Telemetry.flush(500)")).isEqualTo(true);
		assertThat(this.sent).isEmpty();
	}

	@Test
	void secretsAreGoneAtAnyDepth() {
		Page page = open("/pages/private.html");
		sessionOf(page);
		page.evaluate(
				"""
						Telemetry.log('warn', 'Joe <joe.doe@example.org> paid with 4111 1111 1111 1111', {
							password: 'a1', user: { API_KEY: 'a2', loyaltyNumber: 'a3', cards: [{ 'card-number': 'a4', year: 2029 }] },
							note: 'call +49 170 1234567, ssn 123-45-6789', url: 'https://x.example/?access_token=a5&page=7',
							header: 'Bearer a6a6a6a6a6', jwt: 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.a7', map: new Map([['secret', 'a8']]),
							address: 'a9', at: 1767225600123, id: '550e8400-e29b-41d4-a716-446655440000' });
						console.error(new Error('token=a10 is wrong'), { authorization: 'a11' });
						setTimeout(() => { throw new Error('no mail to joe.doe@example.org'); });
						Telemetry.flush()""");
		JsonNode signal = awaitSignal((found) -> text(found, "msg").startsWith("Joe <"));
		assertThat(text(signal, "msg")).isEqualTo("Joe <***@***> paid with ***");
		JsonNode context = signal.at("/data/context");
		assertThat(context.at("/user/cards/0/year").asInt()).isEqualTo(2029);
		assertThat(context.at("/note").asString()).isEqualTo("call ***, ssn ***");
		assertThat(context.at("/url").asString()).isEqualTo("https://x.example/?access_token=***&page=7");
		assertThat(context.at("/at").asLong()).isEqualTo(1767225600123L);
		assertThat(context.at("/id").asString()).isEqualTo("550e8400-e29b-41d4-a716-446655440000");
		assertThat(signal.toString()).doesNotContainPattern("\"a\\d+\"|a6a6|\\.a7|=a5");
		JsonNode printed = awaitSignal((found) -> text(found, "msg").contains("is wrong"));
		assertThat(printed.toString()).contains("token=*** is wrong").doesNotContain("a10", "a11");
		JsonNode thrown = awaitSignal((found) -> text(found, "msg").contains("no mail to"));
		assertThat(thrown.toString()).doesNotContain("joe.doe");
		assertThat(thrown.at("/error/stack").asString()).contains("***@***").contains("<anonymous>:");
	}

	@Test
	void addressesKeepWhatTheServerLetsThem() {
		Page page = open("/pages/private.html?page=1&token=a1#a2");
		sessionOf(page);
		page.evaluate("fetch('/api/products?q=a3&page=2#a4').then(() => Telemetry.flush())");
		JsonNode call = awaitSignal((signal) -> is(signal, "browser/api-call")
				&& signal.at("/data/url").asString().contains("/api/products?"));
		assertThat(call.at("/data/url").asString()).isEqualTo(url("/api/products?page=2"));
	}

	@Test
	void hookOfThePageChangesOrDropsAndNeverLetsTheRawEventOut() {
		Page page = open("/pages/private.html");
		page.evaluate(
				"""
						Telemetry.init({ beforeSend: (event) => {
							if (event.message === 'hook: change') return { ...event, message: 'hook: changed', mail: 'joe.doe@example.org' };
							if (event.message === 'hook: drop') return null;
							if (event.message === 'hook: throw') throw new Error('hook');
							if (event.message === 'hook: promise') return Promise.resolve(event);
							if (event.message === 'hook: nothing') return undefined;
							return event;
						} });
						for (const what of ['change', 'drop', 'throw', 'promise', 'nothing']) Telemetry.log('info', 'hook: ' + what);
						""");
		sessionOf(page);
		JsonNode changed = awaitSignal((signal) -> text(signal, "msg").equals("hook: changed"));
		assertThat(changed.at("/data/mail").asString()).isEqualTo("***@***");
		assertThat(signals()).extracting((signal) -> text(signal, "msg"))
			.doesNotContain("hook: change", "hook: drop", "hook: throw", "hook: promise", "hook: nothing");
	}

	@Test
	void equalErrorsAreFoldedIntoACount() {
		Page page = open("/pages/private.html");
		page.evaluate(
				"""
						new Promise((done) => {
							let left = 20;
							const fail = () => { if (left-- === 0) return done(); setTimeout(fail); throw new Error('the same again'); };
							setTimeout(fail);
						})""");
		sessionOf(page);
		JsonNode folded = awaitSignal(
				(signal) -> text(signal, "msg").contains("the same again") && signal.at("/data/count").asInt() > 0);
		assertThat(folded.at("/data/count").asInt()).isEqualTo(19);
		assertThat(signals()).filteredOn((signal) -> text(signal, "msg").contains("the same again")).hasSize(2);
	}

	@Test
	void pageThatFloodsIsHeldBackWhileItsOwnCallsGoOn() {
		Page page = open("/pages/private.html");
		page.evaluate("for (let i = 0; i < 2000; i++) console.warn('flood ' + i)");
		page.evaluate("for (let i = 0; i < 150; i++) Telemetry.log('info', 'call ' + i)");
		sessionOf(page);
		awaitSignal((signal) -> text(signal, "msg").equals("call 149"));
		assertThat(signals().stream().filter((signal) -> text(signal, "msg").matches("flood \\d+")).count())
			.isBetween(100L, 1000L);
		assertThat(signals().stream().filter((signal) -> text(signal, "msg").matches("call \\d+")).count())
			.isEqualTo(150);
	}

	@Test
	void settingsThatCannotBeHadAreAskedForAgainAndNothingIsSentBefore() {
		List<String> asked = new CopyOnWriteArrayList<>();
		visitor().route(CONFIG, (route) -> {
			asked.add(route.request().url());
			if (asked.size() == 1) {
				assertThat(this.sent).isEmpty();
				route.abort();
			}
			else if (asked.size() == 2) {
				assertThat(this.sent).isEmpty();
				route.fulfill(new Route.FulfillOptions().setStatus(503));
			}
			else {
				route.resume();
			}
		});
		Page page = watched("/pages/private.html");
		page.evaluate("Telemetry.log('info', 'waited for the settings')");
		// Playwright answers for the routes while it waits itself
		assertThat(page.evaluate("Telemetry.flush(20000)")).isEqualTo(true);
		awaitSignal((signal) -> "waited for the settings".equals(text(signal, "msg")));
		assertThat(asked).hasSize(3);
	}

	/**
	 * The settings as the shop's server tells them, but for one rule of privacy: until
	 * there is a connection, on which the server tells them once more.
	 */
	private void configure(String rule, boolean value) {
		visitor().route(CONFIG, (route) -> {
			ObjectNode config = (ObjectNode) JSON.readTree(route.fetch().text());
			((ObjectNode) config.get("privacy")).put(rule, value);
			route.fulfill(new Route.FulfillOptions().setContentType("application/json").setBody(config.toString()));
		});
	}

	private Page watched(String path) {
		Page page = visitor().newPage();
		page.onWebSocket((socket) -> this.sent.add(socket.url()));
		page.onRequest((request) -> {
			if (request.method().equals("POST")) {
				this.sent.add(request.url());
			}
		});
		page.navigate(url(path));
		return page;
	}

}
