package io.telemetry.boot.channel.control;

import java.security.Principal;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Stream;

import io.telemetry.Telemetry;
import io.telemetry.boot.InvalidSettingException;
import io.telemetry.boot.browser.BrowserSettings;
import io.telemetry.boot.browser.SettingsInForce;
import io.telemetry.boot.channel.ChannelStats;
import io.telemetry.boot.channel.ClientListener;
import io.telemetry.boot.channel.ConnectedClient;
import io.telemetry.boot.channel.ConnectedClients;
import io.telemetry.boot.channel.DiagnosticsOutcome;
import io.telemetry.boot.channel.caller.Application;
import io.telemetry.boot.channel.caller.Applications;
import io.telemetry.boot.channel.caller.CallerRequest;
import io.telemetry.signal.Kind;
import io.telemetry.signal.Level;
import org.jspecify.annotations.Nullable;

/**
 * The one {@link ChannelControl} of an application. Knows what is in force for whom; the
 * connections are the channel's.
 */
public final class ClientControl implements ChannelControl, ClientListener {

	private final ControlSettings settings;

	private final Applications applications;

	private final SettingsInForce configured;

	/** With the rules of front ends that have any, by name. */
	private final Map<String, SettingsInForce> byApplication = new LinkedHashMap<>();

	/** Mostly nothing is changed, and many clients may come at once. */
	private final Map<SettingsInForce, byte[]> messages = new LinkedHashMap<>();

	private final Overrides overrides;

	private final DiagnosticsRequests requests;

	private final Telemetry telemetry;

	private final ChannelStats stats;

	private final InstantSource clock;

	private volatile @Nullable ConnectedClients clients;

	/**
	 * A control of the clients that a channel tells it of.
	 * @param settings bounds
	 * @param configured the settings of properties
	 * @param applications the front ends
	 * @param rules what front ends have otherwise, by name
	 * @param telemetry any facade of the pipeline
	 * @param stats where to count
	 * @param clock the time
	 */
	public ClientControl(ControlSettings settings, BrowserSettings configured, Applications applications,
			Map<String, ClientSettingsChange> rules, Telemetry telemetry, ChannelStats stats, InstantSource clock) {
		this.settings = settings;
		this.applications = applications;
		this.configured = new SettingsInForce(configured, false);
		this.messages.put(this.configured, ControlMessages.config(this.configured));
		rules.forEach((application, rule) -> {
			SettingsInForce ruled = new SettingsInForce(rule.applyTo(configured), false);
			this.byApplication.put(application, ruled);
			this.messages.put(ruled, ControlMessages.config(ruled));
		});
		this.overrides = new Overrides(settings.maxOverrides(), clock);
		this.requests = new DiagnosticsRequests(settings, clock);
		this.telemetry = telemetry.of("io.telemetry.channel");
		this.stats = stats;
		this.clock = clock;
	}

	/**
	 * What is in force for a request, as far as it tells whose it is: by its key and its
	 * principal.
	 * @param request the request
	 * @return the settings
	 */
	public SettingsInForce inForce(CallerRequest request) {
		Application application = this.applications.withKey(request.queryParameter(Applications.PARAMETER));
		Principal principal = request.principal();
		return inForce((application != null) ? application.name() : null,
				(principal != null) ? principal.getName() : null, null);
	}

	private SettingsInForce inForce(@Nullable String application, @Nullable String user, @Nullable String session) {
		SettingsInForce ruled = (application != null) ? this.byApplication.getOrDefault(application, this.configured)
				: this.configured;
		BrowserSettings changed = this.overrides.applyTo(ruled.settings(), application, user, session);
		return (changed != ruled.settings()) ? new SettingsInForce(changed, ruled.settings().enabled()) : ruled;
	}

	@Override
	public int configure(Target target, ClientSettingsChange change, @Nullable Duration expiresIn) {
		requireKnown(target);
		if (change.isEmpty()) {
			throw new InvalidSettingException("change", change, "must name a setting");
		}
		if (expiresIn != null
				&& (expiresIn.isNegative() || expiresIn.isZero() || expiresIn.compareTo(MAX_EXPIRY) > 0)) {
			throw new InvalidSettingException("expiresIn", expiresIn,
					"must be above zero and at most " + MAX_EXPIRY.toDays() + " days");
		}
		endExpired();
		this.overrides.add(new SettingsOverride(target, change,
				(expiresIn != null) ? this.clock.instant().plus(expiresIn) : null));
		return tellSettings(target::matches);
	}

	@Override
	public int reset(Target target) {
		requireKnown(target);
		this.overrides.remove(target);
		return tellSettings(target::matches);
	}

	@Override
	public int resetAll() {
		this.overrides.clear();
		return tellSettings((client) -> true);
	}

	@Override
	public int flush(Target target) {
		requireKnown(target);
		byte[] message = ControlMessages.flush();
		return tell(target::matches, (client) -> client.send(message));
	}

	@Override
	public int reconnect(Target target, Duration within) {
		requireKnown(target);
		if (within.isNegative() || within.compareTo(MAX_WINDOW) > 0) {
			throw new InvalidSettingException("within", within,
					"must be from 0 to " + MAX_WINDOW.toMinutes() + " minutes");
		}
		byte[] message = ControlMessages.reconnect(within);
		return tell(target::matches, (client) -> client.send(message));
	}

	@Override
	public Asked diagnose(Target target, Set<DiagnosticsPart> what) {
		requireKnown(target);
		Set<DiagnosticsPart> parts = what.isEmpty() ? EnumSet.allOf(DiagnosticsPart.class) : EnumSet.copyOf(what);
		List<ConnectedClient> reached = listening(target::matches);
		// Before anybody is asked: an answer may be back before this returns
		DiagnosticsRequests.Request request = this.requests.add(target, Collections.unmodifiableSet(parts), reached);
		byte[] message = ControlMessages.diagnose(request.id(), parts);
		send(reached, (client) -> client.send(message));
		return new Asked(request.id(), reached.size());
	}

	private void requireKnown(Target target) {
		if (target.scope() == Target.Scope.APPLICATION && !applications().contains(target.name())) {
			throw new InvalidSettingException("application", target.name(), "must be one of " + applications());
		}
	}

	private int tellSettings(Predicate<ConnectedClient> concerned) {
		return tell(concerned, this::sendSettings);
	}

	private int tell(Predicate<ConnectedClient> concerned, Consumer<ConnectedClient> message) {
		List<ConnectedClient> reached = listening(concerned);
		send(reached, message);
		return reached.size();
	}

	private List<ConnectedClient> listening(Predicate<ConnectedClient> concerned) {
		return clients().filter((client) -> client.isListening() && concerned.test(client)).toList();
	}

	private void send(List<ConnectedClient> reached, Consumer<ConnectedClient> message) {
		ConnectedClients clients = this.clients;
		if (clients != null && !reached.isEmpty()) {
			clients.execute(() -> reached.forEach(message));
		}
	}

	private void sendSettings(ConnectedClient client) {
		client.sendLatest(() -> {
			SettingsInForce inForce = inForce(client.application(), client.userId(), client.sessionId());
			byte[] known = this.messages.get(inForce);
			return (known != null) ? known : ControlMessages.config(inForce);
		});
	}

	@Override
	public void started(ConnectedClients clients) {
		this.clients = clients;
	}

	@Override
	public void stopped() {
		this.clients = null;
	}

	/**
	 * Whether or not anything was changed for this client: it may have been told
	 * something else before, by this server or by another one.
	 */
	@Override
	public void subscribed(ConnectedClient client) {
		sendSettings(client);
	}

	@Override
	public int maxAnswerSize() {
		return this.settings.maxSize();
	}

	@Override
	public DiagnosticsOutcome answered(ConnectedClient client, String requestId, Map<String, @Nullable Object> answer) {
		DiagnosticsRequests.Request request = this.requests.get(requestId);
		DiagnosticsOutcome outcome = this.requests.answer(client, requestId);
		if (request != null && outcome == DiagnosticsOutcome.ANSWERED) {
			Map<String, @Nullable Object> data = new LinkedHashMap<>();
			data.put("requestId", requestId);
			data.put("sessionId", client.sessionId());
			data.put("userId", client.userId());
			data.put("connectionId", client.connectionId());
			data.put("application", client.application());
			data.put("roundTripMs", this.requests.since(request).toMillis());
			// What was not asked for is not taken
			request.what().forEach((part) -> data.put(part.toString(), answer.get(part.toString())));
			data.values().removeIf((value) -> value == null);
			this.telemetry.signal(Level.INFO, Kind.CHANNEL)
				.id("channel/diagnostics")
				.message("A client tells how it is")
				.data(data)
				.emit();
		}
		return outcome;
	}

	@Override
	public void timePassed() {
		endExpired();
		for (DiagnosticsRequests.Request late : this.requests.removeLate()) {
			this.stats.diagnostics(DiagnosticsOutcome.TIMED_OUT, late.missing());
			this.telemetry.signal(Level.WARN, Kind.CHANNEL)
				.id("channel/diagnostics-timeout")
				.message(late.missing() + " of " + late.asked() + " clients did not tell how they are")
				.data(Map.of("requestId", late.id(), "target", late.target().toString(), "asked", late.asked(),
						"missing", late.missing()))
				.emit();
		}
	}

	private void endExpired() {
		Collection<Target> ended = this.overrides.removeExpired();
		if (!ended.isEmpty()) {
			tellSettings((client) -> ended.stream().anyMatch((target) -> target.matches(client)));
		}
	}

	@Override
	public List<SettingsOverride> overrides() {
		return this.overrides.all();
	}

	@Override
	public BrowserSettings configured() {
		return this.configured.settings();
	}

	@Override
	public Stream<ConnectedClient> clients() {
		ConnectedClients clients = this.clients;
		return (clients != null) ? clients.all() : Stream.empty();
	}

	@Override
	public boolean isSpeaking() {
		return this.clients != null;
	}

	@Override
	public Set<String> applications() {
		Set<String> names = new TreeSet<>();
		this.applications.all().forEach((application) -> names.add(application.name()));
		return new LinkedHashSet<>(names);
	}

	@Override
	public int pendingDiagnostics() {
		return this.requests.pending();
	}

}
