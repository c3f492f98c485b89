package io.telemetry.boot.actuate;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;

import io.telemetry.boot.InvalidSettingException;
import io.telemetry.boot.channel.ConnectedClient;
import io.telemetry.boot.channel.control.ChannelControl;
import io.telemetry.boot.channel.control.ClientSettingsChange;
import io.telemetry.boot.channel.control.ControlLimitException;
import io.telemetry.boot.channel.control.DiagnosticsPart;
import io.telemetry.boot.channel.control.SettingsOverride;
import io.telemetry.boot.channel.control.Target;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.Access;
import org.springframework.boot.actuate.endpoint.annotation.DeleteOperation;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;
import org.springframework.boot.actuate.endpoint.web.annotation.WebEndpoint;

/**
 * Actuator endpoint {@code telemetrychannel}: the browsers that are connected to this
 * node, what is changed for them, and what they are told.
 */
@WebEndpoint(id = TelemetryChannelEndpoint.ID, defaultAccess = Access.READ_ONLY)
public class TelemetryChannelEndpoint {

	static final String ID = "telemetrychannel";

	private static final int DEFAULT_LIMIT = 100;

	private static final int MAX_LIMIT = 1000;

	private static final String WITHIN = "a duration from 0s to " + ChannelControl.MAX_WINDOW.toMinutes()
			+ "m, such as 30s";

	private static final Set<String> CONFIG_PARAMETERS = Set.of("enabled", "sessionRate", "sampling", "collect",
			"ignore", "expiresIn");

	private final ChannelControl control;

	private final InstantSource clock;

	/**
	 * An endpoint.
	 * @param control speaks to the clients
	 * @param clock the time
	 */
	public TelemetryChannelEndpoint(ChannelControl control, InstantSource clock) {
		this.control = control;
		this.clock = clock;
	}

	/**
	 * Who is connected, and what is changed.
	 * @param user only connections of this user
	 * @param session only connections of this session
	 * @param application only connections of this front end
	 * @param limit most connections that are listed
	 * @return counts, changes and connections
	 */
	@ReadOperation
	public Map<String, Object> channel(@Nullable String user, @Nullable String session, @Nullable String application,
			@Nullable String limit) {
		int most = (limit != null) ? Arguments.between("limit", limit, 1, MAX_LIMIT) : DEFAULT_LIMIT;
		List<Target> targets = new ArrayList<>();
		named(user, Target::user, targets);
		named(session, Target::session, targets);
		if (application != null) {
			targets.add(known(Target.application(application)));
		}
		return Descriptions.body(describe(targets, most));
	}

	/**
	 * Says something to clients.
	 * @param type what: {@code config}, {@code flush}, {@code reconnect} or
	 * {@code diagnose}
	 * @param user to the clients of this user
	 * @param session to those of this session
	 * @param application to those of this front end
	 * @param enabled whether they collect anything
	 * @param sessionRate the share of sessions that are collected
	 * @param sampling shares of events by subtype, such as {@code click=0.5,scroll=0}
	 * @param collect what is collected, such as {@code network=false,console=false}
	 * @param ignore parts of messages that are left out, with commas between; empty for
	 * none
	 * @param expiresIn how long a change of settings lasts
	 * @param within the time over which they come back
	 * @param what what they are to tell of
	 * @return what was done, and how things stand afterwards
	 */
	@WriteOperation
	public Map<String, Object> tell(@Nullable String type, @Nullable String user, @Nullable String session,
			@Nullable String application, @Nullable String enabled, @Nullable String sessionRate,
			@Nullable String sampling, @Nullable String collect, @Nullable String ignore, @Nullable String expiresIn,
			@Nullable String within, @Nullable String what) {
		Map<String, @Nullable String> given = new LinkedHashMap<>();
		given.put("enabled", enabled);
		given.put("sessionRate", sessionRate);
		given.put("sampling", sampling);
		given.put("collect", collect);
		given.put("ignore", ignore);
		given.put("expiresIn", expiresIn);
		given.put("within", within);
		given.put("what", what);
		given.values().removeIf((value) -> value == null);
		requireOnlyOf(type, given.keySet());
		Target target = target(user, session, application);
		requireConnected(target, false);
		return refusing(() -> {
			Map<String, Object> done = new LinkedHashMap<>();
			done.put("type", String.valueOf(type));
			switch (String.valueOf(type)) {
				case "config" -> {
					ClientSettingsChange change = change(enabled, sessionRate, sampling, collect, ignore);
					Duration expiry = Arguments.expiresIn(expiresIn, !change.isEmpty());
					if (change.isEmpty()) {
						throw ProblemException.contradiction(
								"Nothing is changed: 'config' takes enabled, sessionRate, sampling, collect and ignore");
					}
					done.put("reached", this.control.configure(target, change, expiry));
				}
				case "flush" -> done.put("reached", this.control.flush(target));
				case "reconnect" -> {
					if (within == null) {
						throw ProblemException.badValue("within", null, WITHIN);
					}
					done.put("reached", this.control.reconnect(target,
							Arguments.duration("within", within, Duration.ZERO, ChannelControl.MAX_WINDOW, WITHIN)));
				}
				default -> {
					ChannelControl.Asked asked = this.control.diagnose(target, parts(what));
					done.put("reached", asked.reached());
					done.put("requestId", asked.requestId());
				}
			}
			done.putAll(describe(isAll(target) ? List.of() : List.of(target), DEFAULT_LIMIT));
			return Descriptions.body(done);
		});
	}

	/**
	 * Takes changes of settings back: those for one target, or all there are.
	 * @param user those for this user
	 * @param session those for this session
	 * @param application those for this front end
	 * @return how many connections were told, and how things stand afterwards
	 */
	@DeleteOperation
	public Map<String, Object> takeBack(@Nullable String user, @Nullable String session, @Nullable String application) {
		Target target = target(user, session, application);
		requireConnected(target, true);
		Map<String, Object> done = new LinkedHashMap<>();
		done.put("reached", isAll(target) ? this.control.resetAll() : this.control.reset(target));
		done.putAll(describe(isAll(target) ? List.of() : List.of(target), DEFAULT_LIMIT));
		return Descriptions.body(done);
	}

	private static void requireOnlyOf(@Nullable String type, Set<String> given) {
		Set<String> allowed = switch (String.valueOf(type)) {
			case "config" -> CONFIG_PARAMETERS;
			case "flush" -> Set.of();
			case "reconnect" -> Set.of("within");
			case "diagnose" -> Set.of("what");
			default -> throw ProblemException.badValue("type", type, "config, flush, reconnect or diagnose");
		};
		for (String parameter : given) {
			if (!allowed.contains(parameter)) {
				throw ProblemException.contradiction("'" + parameter + "' means nothing to '" + type + "'");
			}
		}
	}

	private Target target(@Nullable String user, @Nullable String session, @Nullable String application) {
		List<Target> targets = new ArrayList<>();
		named(user, Target::user, targets);
		named(session, Target::session, targets);
		named(application, Target::application, targets);
		if (targets.size() > 1) {
			throw ProblemException
				.contradiction("Of 'user', 'session' and 'application' one can be given, or none for all clients");
		}
		return targets.isEmpty() ? Target.all() : known(targets.get(0));
	}

	private static void named(@Nullable String name, Function<String, Target> target, List<Target> targets) {
		if (name != null) {
			try {
				targets.add(target.apply(name));
			}
			catch (InvalidSettingException ex) {
				throw ProblemException.badValue(ex.setting(), name, "1 to " + Target.MAX_NAME_LENGTH + " characters");
			}
		}
	}

	private Target known(Target target) {
		if (target.scope() == Target.Scope.APPLICATION && !this.control.applications().contains(target.name())) {
			throw ProblemException.notFound("application", target.name(), this.control.applications());
		}
		return target;
	}

	/**
	 * A session without a connection will mostly be a wrong one, while a user can come
	 * back later.
	 */
	private void requireConnected(Target target, boolean orChanged) {
		if (target.scope() == Target.Scope.SESSION && !this.control.hasClient(target::matches)
				&& !(orChanged && this.control.overrides().stream().anyMatch((one) -> one.target().equals(target)))) {
			throw ProblemException.notFound("connection of a session", target.name(), List.of());
		}
	}

	private static boolean isAll(Target target) {
		return target.scope() == Target.Scope.ALL;
	}

	private static Map<String, Object> refusing(Supplier<Map<String, Object>> work) {
		try {
			return work.get();
		}
		catch (ControlLimitException ex) {
			throw ProblemException.limitReached(ex.getMessage());
		}
	}

	private static ClientSettingsChange change(@Nullable String enabled, @Nullable String sessionRate,
			@Nullable String sampling, @Nullable String collect, @Nullable String ignore) {
		ClientSettingsChange change = ClientSettingsChange.NONE;
		if (enabled != null) {
			change = change.withEnabled(Arguments.flag("enabled", enabled));
		}
		if (sessionRate != null) {
			change = change.withSessionRate(Arguments.rate("sessionRate", sessionRate));
		}
		if (sampling != null) {
			String allowed = "subtypes with shares from 0 to 1, such as click=0.5,scroll=0";
			for (Map.Entry<String, String> rate : Arguments.pairs("sampling", sampling, allowed).entrySet()) {
				try {
					change = change.withSampling(rate.getKey(), Double.parseDouble(rate.getValue()));
				}
				catch (IllegalArgumentException ex) {
					throw ProblemException.badValue("sampling", sampling, allowed);
				}
			}
		}
		if (collect != null) {
			String allowed = String.join(", ", ClientSettingsChange.COLLECTORS)
					+ " with true or false, such as network=false,console=false";
			for (Map.Entry<String, String> collector : Arguments.pairs("collect", collect, allowed).entrySet()) {
				try {
					change = change.withCollect(collector.getKey(), Arguments.flag("collect", collector.getValue()));
				}
				catch (InvalidSettingException | ProblemException ex) {
					throw ProblemException.badValue("collect", collect, allowed);
				}
			}
		}
		if (ignore != null) {
			try {
				change = change.withIgnore(Arguments.split(ignore));
			}
			catch (InvalidSettingException ex) {
				throw ProblemException.badValue("ignore", ignore,
						"parts of messages with commas between, at most 100 of at most 200 characters");
			}
		}
		return change;
	}

	private static Set<DiagnosticsPart> parts(@Nullable String what) {
		Set<DiagnosticsPart> parts = EnumSet.noneOf(DiagnosticsPart.class);
		for (String name : Arguments.split((what != null) ? what : "")) {
			DiagnosticsPart part = null;
			for (DiagnosticsPart candidate : DiagnosticsPart.values()) {
				part = candidate.toString().equals(name) ? candidate : part;
			}
			if (part == null) {
				throw ProblemException.badValue("what", what, "environment, buffer, timings and errors, with commas");
			}
			parts.add(part);
		}
		return parts;
	}

	private Map<String, Object> describe(List<Target> targets, int most) {
		Instant now = this.clock.instant();
		List<Map<String, Object>> listed = new ArrayList<>();
		Set<String> users = new HashSet<>();
		int connections = 0;
		int matching = 0;
		for (ConnectedClient client : (Iterable<ConnectedClient>) this.control.clients()::iterator) {
			connections++;
			users.add(client.userId());
			if (targets.stream().allMatch((target) -> target.matches(client))) {
				matching++;
				if (listed.size() < most) {
					listed.add(describe(client, now));
				}
			}
		}
		Map<String, Object> result = new LinkedHashMap<>();
		result.put("webSocket", this.control.isSpeaking());
		result.put("connections", connections);
		result.put("users", users.size());
		result.put("overrides", this.control.overrides().stream().map(TelemetryChannelEndpoint::describe).toList());
		result.put("pendingDiagnostics", this.control.pendingDiagnostics());
		result.put("matching", matching);
		result.put("clients", listed);
		return result;
	}

	private static Map<String, Object> describe(ConnectedClient client, Instant now) {
		Map<String, Object> result = new LinkedHashMap<>();
		result.put("connectionId", client.connectionId());
		result.put("sessionId", client.sessionId());
		result.put("userId", client.userId());
		String application = client.application();
		if (application != null) {
			result.put("application", application);
		}
		String address = client.clientAddress();
		if (address != null) {
			result.put("clientAddress", address);
		}
		result.put("connectedAt", now.minus(client.age()).toString());
		result.put("subscriptions", client.subscriptions());
		return result;
	}

	private static Map<String, Object> describe(SettingsOverride override) {
		Map<String, Object> result = new LinkedHashMap<>();
		result.put("scope", override.target().scope().toString());
		if (!isAll(override.target())) {
			result.put("name", override.target().name());
		}
		result.put("settings", override.change().toMap());
		if (override.expiresAt() != null) {
			result.put("expiresAt", override.expiresAt().toString());
		}
		return result;
	}

}
