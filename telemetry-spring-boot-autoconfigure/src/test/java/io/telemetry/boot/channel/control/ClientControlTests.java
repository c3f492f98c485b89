package io.telemetry.boot.channel.control;

import java.nio.charset.StandardCharsets;
import java.security.Principal;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;

import io.telemetry.Telemetry;
import io.telemetry.boot.InvalidSettingException;
import io.telemetry.boot.browser.BrowserSettings;
import io.telemetry.boot.channel.ChannelStats;
import io.telemetry.boot.channel.ConnectedClient;
import io.telemetry.boot.channel.ConnectedClients;
import io.telemetry.boot.channel.DiagnosticsOutcome;
import io.telemetry.boot.channel.caller.Application;
import io.telemetry.boot.channel.caller.Applications;
import io.telemetry.boot.channel.caller.CallerRequest;
import io.telemetry.handler.HandlerOptions;
import io.telemetry.pipeline.SignalPipeline;
import io.telemetry.signal.Kind;
import io.telemetry.signal.Level;
import io.telemetry.signal.Signal;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class ClientControlTests {

	private static final ClientSettingsChange PAUSE = ClientSettingsChange.NONE.withEnabled(false);

	private static final Duration MINUTE = Duration.ofMinutes(1);

	private final List<Signal> signals = new ArrayList<>();

	private final SignalPipeline pipeline = SignalPipeline.builder()
		.handler("kept", this.signals::add, HandlerOptions.DEFAULTS.withQueue(null))
		.build();

	private final ChannelStats stats = new ChannelStats();

	private final Clients clients = new Clients();

	private Instant now = Instant.parse("2026-01-01T00:00:00Z");

	private final ClientControl control = control(new ControlSettings(3, Duration.ofSeconds(30), 2, 1024));

	private ClientControl control(ControlSettings settings) {
		InstantSource clock = () -> this.now;
		ClientControl control = new ClientControl(settings, BrowserSettings.DEFAULTS,
				new Applications(List.of(new Application("shop", "shop-key-1", List.of()),
						new Application("desk", "desk-key-1", List.of()))),
				Map.of("desk", ClientSettingsChange.NONE.withSampling("click", 0.25)),
				new Telemetry(this.pipeline, "test"), this.stats, clock);
		control.started(this.clients);
		return control;
	}

	@AfterEach
	void close() {
		this.pipeline.close();
	}

	private void pass(Duration time) {
		this.now = this.now.plus(time);
		this.control.timePassed();
	}

	@Test
	void newcomerIsToldWhatIsInForceForIt() {
		Client jo = this.clients.add("1", "s-1", "jo", "desk");
		this.control.subscribed(jo);
		assertThat(jo.last()).startsWith("{\"type\":\"config\",\"config\":{\"enabled\":true,\"sampling\":")
			.contains("\"click\":0.25")
			.doesNotContain("stay");
		this.control.configure(Target.user("jo"), PAUSE, null);
		this.control.subscribed(jo);
		assertThat(jo.last()).contains("\"enabled\":false,\"stay\":true", "\"click\":0.25");
	}

	@Test
	void pageIsGivenWhatIsInForceForKeyAndPrincipal() {
		this.control.configure(Target.user("jo"), PAUSE, null);
		this.control.configure(Target.application("shop"), rate(0.5), null);
		assertThat(this.control.inForce(new Request("key=shop-key-1", "jo")).settings()).satisfies((settings) -> {
			assertThat(settings.enabled()).isFalse();
			assertThat(settings.sampling()).containsEntry("click", 0.5);
		});
		assertThat(this.control.inForce(new Request("key=shop-key-1", null)).settings().enabled()).isTrue();
		assertThat(this.control.inForce(new Request("key=desk-key-1", "jo")).settings().sampling())
			.containsEntry("click", 0.25);
		assertThat(this.control.inForce(new Request("key=unknown-1", "x".repeat(600))).settings())
			.isEqualTo(BrowserSettings.DEFAULTS);
	}

	@Test
	void strongerScopeCountsWhateverCameLast() {
		Client jo = this.clients.add("1", "s-1", "jo", "shop");
		this.control.configure(Target.session("s-1"), rate(0.4), null);
		this.control.configure(Target.user("jo"), rate(0.3), null);
		assertThat(jo.last()).contains("\"click\":0.4");
		this.control.configure(Target.all(), rate(0.1), null);
		assertThat(jo.last()).contains("\"click\":0.4");
		this.control.reset(Target.session("s-1"));
		assertThat(jo.last()).contains("\"click\":0.3");
		this.control.configure(Target.application("shop"), rate(0.2), null);
		this.control.reset(Target.user("jo"));
		assertThat(jo.last()).contains("\"click\":0.2");
		this.control.reset(Target.application("shop"));
		assertThat(jo.last()).contains("\"click\":0.1");
		this.control.resetAll();
		assertThat(jo.last()).contains("\"click\":0.01");
		assertThat(this.control.overrides()).isEmpty();
	}

	private static ClientSettingsChange rate(double rate) {
		return ClientSettingsChange.NONE.withSampling("click", rate);
	}

	@Test
	void onlyThoseConcernedWhoListenAreTold() {
		Client jo = this.clients.add("1", "s-1", "jo", null);
		Client joElsewhere = this.clients.add("2", "s-2", "jo", null);
		Client ann = this.clients.add("3", "s-3", "ann", null);
		Client deaf = this.clients.add("4", "s-4", "jo", null);
		deaf.listening = false;
		assertThat(this.control.configure(Target.user("jo"), PAUSE, null)).isEqualTo(2);
		assertThat(List.of(jo.messages.size(), joElsewhere.messages.size(), ann.messages.size(), deaf.messages.size()))
			.containsExactly(1, 1, 0, 0);
		assertThat(this.control.flush(Target.session("s-3"))).isOne();
		assertThat(ann.last()).isEqualTo("{\"type\":\"flush\"}");
		assertThat(this.control.reconnect(Target.all(), Duration.ofSeconds(30))).isEqualTo(3);
		assertThat(jo.last()).isEqualTo("{\"type\":\"reconnect\",\"withinMs\":30000}");
	}

	@Test
	void temporaryChangeEndsByItselfAndTheOneBeforeIsInForceAgain() {
		Client jo = this.clients.add("1", "s-1", "jo", null);
		this.control.configure(Target.user("jo"), rate(0.5), null);
		this.control.configure(Target.user("jo"), rate(0), MINUTE);
		assertThat(this.control.overrides()).hasSize(2)
			.last()
			.extracting(SettingsOverride::expiresAt)
			.isEqualTo(this.now.plus(MINUTE));
		pass(MINUTE.minusMillis(1));
		assertThat(jo.messages).hasSize(2);
		assertThat(jo.last()).contains("\"click\":0.0");
		pass(Duration.ofMillis(1));
		assertThat(jo.messages).hasSize(3);
		assertThat(jo.last()).contains("\"click\":0.5");
		assertThat(this.control.overrides()).hasSize(1);
		pass(MINUTE);
		assertThat(jo.messages).hasSize(3);
	}

	@Test
	void overIsOverAlsoBeforeAnybodyLooked() {
		this.control.configure(Target.all(), PAUSE, MINUTE);
		this.now = this.now.plus(MINUTE);
		assertThat(this.control.overrides()).isEmpty();
		Client jo = this.clients.add("1", "s-1", "jo", null);
		this.control.subscribed(jo);
		assertThat(jo.last()).contains("\"enabled\":true");
	}

	@Test
	void changesAreBoundedAndTheSameOnceMoreTakesNoRoom() {
		for (int i = 0; i < 10; i++) {
			this.control.configure(Target.user("jo"), rate(i / 10.0), MINUTE);
		}
		assertThat(this.control.overrides()).hasSize(1);
		this.control.configure(Target.user("ann"), PAUSE, null);
		this.control.configure(Target.user("bob"), PAUSE, MINUTE);
		assertThatExceptionOfType(ControlLimitException.class)
			.isThrownBy(() -> this.control.configure(Target.user("eve"), PAUSE, null))
			.withMessageContaining("3 changes")
			.withMessageContaining("telemetry.channel.control.max-overrides");
		assertThat(this.control.overrides()).hasSize(3);
		this.now = this.now.plus(MINUTE);
		this.control.configure(Target.user("eve"), PAUSE, null);
		assertThat(this.control.overrides()).extracting((override) -> override.target().name())
			.containsExactlyInAnyOrder("ann", "eve");
	}

	@Test
	void whatMakesNoSenseIsRefused() {
		refused(() -> this.control.configure(Target.all(), ClientSettingsChange.NONE, null), "must name a setting");
		refused(() -> this.control.configure(Target.all(), PAUSE, Duration.ZERO), "expiresIn must be above zero");
		refused(() -> this.control.configure(Target.all(), PAUSE, Duration.ofDays(366)), "at most 365 days");
		refused(() -> this.control.flush(Target.application("blog")), "must be one of [desk, shop], but is 'blog'");
		refused(() -> this.control.reconnect(Target.all(), Duration.ofMinutes(11)), "within must be from 0 to 10");
		refused(() -> Target.user(""), "user must have 1 to 512 characters");
		refused(() -> Target.session("x".repeat(513)), "session must have 1 to 512 characters");
	}

	private static void refused(org.assertj.core.api.ThrowableAssert.ThrowingCallable call, String message) {
		assertThatExceptionOfType(InvalidSettingException.class).isThrownBy(call).withMessageContaining(message);
	}

	@Test
	void answerBecomesASignalOfWhatWasAskedFor() {
		Client jo = this.clients.add("1", "s-1", "jo", "shop");
		ChannelControl.Asked asked = this.control.diagnose(Target.user("jo"),
				EnumSet.of(DiagnosticsPart.BUFFER, DiagnosticsPart.ERRORS));
		assertThat(asked.reached()).isOne();
		assertThat(jo.last()).isEqualTo(
				"{\"type\":\"diagnose\",\"requestId\":\"" + asked.requestId() + "\",\"what\":[\"buffer\",\"errors\"]}");
		assertThat(this.control.pendingDiagnostics()).isOne();
		this.now = this.now.plusMillis(40);
		assertThat(this.control.answered(jo, asked.requestId(),
				Map.of("buffer", Map.of("stored", 3), "environment", Map.of("userAgent", "x"), "sessionId", "forged")))
			.isEqualTo(DiagnosticsOutcome.ANSWERED);
		assertThat(this.control.pendingDiagnostics()).isZero();
		Signal signal = this.signals.get(0);
		assertThat(signal.id()).isEqualTo("channel/diagnostics");
		assertThat(signal.level()).isEqualTo(Level.INFO);
		assertThat(signal.kind()).isEqualTo(Kind.CHANNEL);
		assertThat(signal.namespace()).isEqualTo("io.telemetry.channel");
		assertThat(signal.data()).isEqualTo(Map.of("requestId", asked.requestId(), "sessionId", "s-1", "userId", "jo",
				"connectionId", "1", "application", "shop", "roundTripMs", 40L, "buffer", Map.of("stored", 3)));
	}

	@Test
	void answerNobodyWaitsForIsNoSignal() {
		Client jo = this.clients.add("1", "s-1", "jo", null);
		Client ann = this.clients.add("2", "s-2", "ann", null);
		String request = this.control.diagnose(Target.user("jo"), Set.of()).requestId();
		assertThat(this.control.answered(ann, request, Map.of())).isEqualTo(DiagnosticsOutcome.NOT_ASKED);
		Client joAgain = this.clients.add("3", "s-1", "jo", null);
		assertThat(this.control.answered(joAgain, request, Map.of())).isEqualTo(DiagnosticsOutcome.NOT_ASKED);
		assertThat(this.control.answered(jo, "guessed", Map.of())).isEqualTo(DiagnosticsOutcome.NOT_ASKED);
		assertThat(this.control.answered(jo, request, Map.of())).isEqualTo(DiagnosticsOutcome.ANSWERED);
		assertThat(this.control.answered(jo, request, Map.of())).isEqualTo(DiagnosticsOutcome.REPEATED);
		this.now = this.now.plusSeconds(30);
		assertThat(this.control.answered(jo, request, Map.of())).isEqualTo(DiagnosticsOutcome.NOT_ASKED);
		assertThat(this.signals).hasSize(1);
	}

	@Test
	void thoseWhoDoNotAnswerInTimeAreToldOf() {
		Client jo = this.clients.add("1", "s-1", "jo", null);
		this.clients.add("2", "s-2", "ann", null);
		this.clients.add("3", "s-3", "bob", null);
		String request = this.control.diagnose(Target.all(), Set.of()).requestId();
		this.control.answered(jo, request, Map.of());
		pass(Duration.ofSeconds(29));
		assertThat(this.signals).hasSize(1);
		pass(Duration.ofSeconds(1));
		Signal timeout = this.signals.get(1);
		assertThat(timeout.id()).isEqualTo("channel/diagnostics-timeout");
		assertThat(timeout.level()).isEqualTo(Level.WARN);
		assertThat(timeout.data()).isEqualTo(Map.of("requestId", request, "target", "all", "asked", 3, "missing", 2));
		assertThat(this.stats.snapshot().diagnostics()).containsEntry("timed-out", 2L);
		pass(MINUTE);
		assertThat(this.signals).hasSize(2);
	}

	@Test
	void requestsAreBoundedAndOneThatIsAnsweredMakesRoom() {
		Client jo = this.clients.add("1", "s-1", "jo", null);
		String first = this.control.diagnose(Target.all(), Set.of()).requestId();
		this.control.diagnose(Target.all(), Set.of());
		assertThatExceptionOfType(ControlLimitException.class)
			.isThrownBy(() -> this.control.diagnose(Target.all(), Set.of()))
			.withMessageContaining("telemetry.channel.diagnostics.max-pending");
		assertThat(jo.messages).hasSize(2);
		this.control.answered(jo, first, Map.of());
		assertThat(this.control.diagnose(Target.all(), Set.of()).reached()).isOne();
	}

	@Test
	void whereNobodyIsConnectedNothingIsWaitedForAndChangesHoldForLater() {
		this.control.stopped();
		assertThat(this.control.isSpeaking()).isFalse();
		assertThat(this.control.diagnose(Target.all(), Set.of()).reached()).isZero();
		assertThat(this.control.pendingDiagnostics()).isZero();
		assertThat(this.control.configure(Target.user("jo"), PAUSE, null)).isZero();
		pass(MINUTE);
		assertThat(this.signals).isEmpty();
		this.control.started(this.clients);
		Client jo = this.clients.add("1", "s-1", "jo", null);
		this.control.subscribed(jo);
		assertThat(jo.last()).contains("\"enabled\":false");
	}

	private record Request(@Nullable String query, @Nullable String name) implements CallerRequest {

		@Override
		public @Nullable Principal principal() {
			return (this.name != null) ? this::name : null;
		}

		@Override
		public @Nullable String remoteAddress() {
			return null;
		}

		@Override
		public List<String> headers(String name) {
			return List.of();
		}

	}

	/**
	 * Those who are connected, and a thread that is this one.
	 */
	private static final class Clients implements ConnectedClients {

		private final Map<String, Client> clients = new LinkedHashMap<>();

		Client add(String connection, String session, String user, @Nullable String application) {
			Client client = new Client(connection, session, user, application);
			this.clients.put(connection, client);
			return client;
		}

		@Override
		public Stream<ConnectedClient> all() {
			return this.clients.values().stream().map((client) -> client);
		}

		@Override
		public void execute(Runnable work) {
			work.run();
		}

	}

	private static final class Client implements ConnectedClient {

		private final String connection;

		private final String session;

		private final String user;

		private final @Nullable String application;

		private final List<String> messages = new ArrayList<>();

		private boolean listening = true;

		Client(String connection, String session, String user, @Nullable String application) {
			this.connection = connection;
			this.session = session;
			this.user = user;
			this.application = application;
		}

		String last() {
			return this.messages.get(this.messages.size() - 1);
		}

		@Override
		public String connectionId() {
			return this.connection;
		}

		@Override
		public String sessionId() {
			return this.session;
		}

		@Override
		public String userId() {
			return this.user;
		}

		@Override
		public @Nullable String application() {
			return this.application;
		}

		@Override
		public @Nullable String clientAddress() {
			return null;
		}

		@Override
		public Duration age() {
			return Duration.ZERO;
		}

		@Override
		public List<String> subscriptions() {
			return List.of();
		}

		@Override
		public boolean isListening() {
			return this.listening;
		}

		@Override
		public void send(byte[] message) {
			this.messages.add(new String(message, StandardCharsets.UTF_8));
		}

		@Override
		public void sendLatest(Supplier<byte[]> message) {
			send(message.get());
		}

	}

}
