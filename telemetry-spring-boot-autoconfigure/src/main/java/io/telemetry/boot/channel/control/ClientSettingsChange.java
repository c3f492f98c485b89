package io.telemetry.boot.channel.control;

import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

import io.telemetry.boot.InvalidSettingException;
import io.telemetry.boot.browser.BrowserSettings;
import org.jspecify.annotations.Nullable;

/**
 * Some of the settings that clients keep to, with other values. What is not named stays
 * as it is. Immutable; a setting that is not there, or a value that makes no sense, is
 * refused with an {@link InvalidSettingException} when it is named.
 */
public final class ClientSettingsChange {

	/** No change. */
	public static final ClientSettingsChange NONE = new ClientSettingsChange(Map.of());

	/** The names of {@link #withCollect}. */
	public static final List<String> COLLECTORS = List.of("errors", "console", "network", "performance", "interactions",
			"navigation", "scroll", "mouse", "attribution", "bots");

	/** The names of {@link #withBuffer}. */
	public static final List<String> BUFFER = List.of("events", "flushMs", "bytes", "stored");

	private static final List<String> SESSION = List.of("rate", "idleMs");

	private static final List<String> GROUPS = List.of("enabled", "sampling", "session", "collect", "ignore", "buffer");

	private static final Pattern SUBTYPE = Pattern.compile("[A-Za-z0-9._:-]{1,64}");

	/** Subtypes of which one change may tell the share. */
	private static final int MAX_SUBTYPES = 64;

	/** By the names of the contract, with a dot between group and name. */
	private final Map<String, Object> values;

	private ClientSettingsChange(Map<String, Object> values) {
		this.values = Collections.unmodifiableMap(new TreeMap<>(values));
	}

	/**
	 * The change that a part of a settings document makes.
	 * @param document such as {@code {"enabled":false,"sampling":{"click":0.5}}}: names
	 * of the contract, values as JSON has them
	 * @return the change
	 * @throws InvalidSettingException if a name is not there or a value makes no sense
	 */
	public static ClientSettingsChange of(Map<String, ?> document) {
		ClientSettingsChange change = NONE;
		for (Map.Entry<String, ?> entry : document.entrySet()) {
			String group = entry.getKey();
			Object value = entry.getValue();
			if (group.equals("enabled") || group.equals("ignore")) {
				change = change.with(group, value);
			}
			else if (!GROUPS.contains(group)) {
				throw new InvalidSettingException(group, String.valueOf(value), "must be one of " + GROUPS);
			}
			else if (value instanceof Map<?, ?> members) {
				for (Map.Entry<?, ?> member : members.entrySet()) {
					change = change.with(group + "." + member.getKey(), member.getValue());
				}
			}
			else {
				throw new InvalidSettingException(group, String.valueOf(value), "must be an object");
			}
		}
		return change;
	}

	/**
	 * The same with another switch for everything.
	 * @param enabled whether the client collects anything
	 * @return a copy
	 */
	public ClientSettingsChange withEnabled(boolean enabled) {
		return with("enabled", enabled);
	}

	/**
	 * The same with another share of some events.
	 * @param subtype their subtype, or {@code default} for those that have no share of
	 * their own
	 * @param rate the share that is sent, from 0 to 1
	 * @return a copy
	 */
	public ClientSettingsChange withSampling(String subtype, double rate) {
		return with("sampling." + subtype, rate);
	}

	/**
	 * The same with another share of sessions.
	 * @param rate the share of sessions that are collected at all, from 0 to 1
	 * @return a copy
	 */
	public ClientSettingsChange withSessionRate(double rate) {
		return with("session.rate", rate);
	}

	/**
	 * The same with another time after which a session ends.
	 * @param idle time without activity, 1 second to 7 days
	 * @return a copy
	 */
	public ClientSettingsChange withSessionIdle(Duration idle) {
		return with("session.idleMs", idle.toMillis());
	}

	/**
	 * The same with a collector switched on or off.
	 * @param collector one of {@link #COLLECTORS}
	 * @param enabled whether it works
	 * @return a copy
	 */
	public ClientSettingsChange withCollect(String collector, boolean enabled) {
		return with("collect." + collector, enabled);
	}

	/**
	 * The same with other texts to ignore, in place of those there are.
	 * @param texts parts of messages: errors and logs whose message contains one of them
	 * are left out; empty for none
	 * @return a copy
	 */
	public ClientSettingsChange withIgnore(List<String> texts) {
		return with("ignore", texts);
	}

	/**
	 * The same with another bound of what a client keeps and sends.
	 * @param name one of {@link #BUFFER}
	 * @param value the bound
	 * @return a copy
	 */
	public ClientSettingsChange withBuffer(String name, int value) {
		return with("buffer." + name, value);
	}

	private ClientSettingsChange with(String key, @Nullable Object value) {
		Map<String, Object> values = new TreeMap<>(this.values);
		values.put(key, checked(key, value));
		if (values.keySet().stream().filter((name) -> name.startsWith("sampling.")).count() > MAX_SUBTYPES) {
			throw new InvalidSettingException(key, String.valueOf(value),
					"must be one of at most " + MAX_SUBTYPES + " subtypes");
		}
		ClientSettingsChange change = new ClientSettingsChange(values);
		// Where it makes no sense, it is said here
		change.applyTo(BrowserSettings.DEFAULTS);
		return change;
	}

	private static Object checked(String key, @Nullable Object value) {
		int dot = key.indexOf('.');
		String group = (dot < 0) ? key : key.substring(0, dot);
		String name = key.substring(dot + 1);
		return switch (group) {
			case "enabled" -> flag(key, value);
			case "ignore" -> texts(key, value);
			case "collect" -> {
				requireOneOf(key, COLLECTORS, name);
				yield flag(key, value);
			}
			case "session" -> {
				requireOneOf(key, SESSION, name);
				yield name.equals("rate") ? (Object) number(key, value) : (Object) whole(key, value);
			}
			case "buffer" -> {
				requireOneOf(key, BUFFER, name);
				yield whole(key, value);
			}
			default -> {
				if (!SUBTYPE.matcher(name).matches()) {
					throw new InvalidSettingException(key, String.valueOf(value),
							"must have a subtype of 1 to 64 letters, digits, '.', '_', ':' and '-'");
				}
				yield number(key, value);
			}
		};
	}

	private static void requireOneOf(String key, List<String> names, String name) {
		if (!names.contains(name)) {
			throw new InvalidSettingException(key, name, "must be one of " + String.join(", ", names));
		}
	}

	private static Boolean flag(String key, @Nullable Object value) {
		if (value instanceof Boolean flag) {
			return flag;
		}
		throw new InvalidSettingException(key, String.valueOf(value), "must be true or false");
	}

	private static List<String> texts(String key, @Nullable Object value) {
		if (value instanceof List<?> list && list.stream().allMatch(String.class::isInstance)) {
			return list.stream().map(String.class::cast).toList();
		}
		throw new InvalidSettingException(key, String.valueOf(value), "must be a list of texts");
	}

	private static Double number(String key, @Nullable Object value) {
		if (value instanceof Number number) {
			return number.doubleValue();
		}
		throw new InvalidSettingException(key, String.valueOf(value), "must be a number from 0 to 1");
	}

	private static Long whole(String key, @Nullable Object value) {
		if (value instanceof Number number && number.doubleValue() == number.longValue()
				&& Math.abs(number.doubleValue()) <= Integer.MAX_VALUE) {
			return number.longValue();
		}
		throw new InvalidSettingException(key, String.valueOf(value), "must be a whole number");
	}

	/**
	 * Whether nothing is named.
	 * @return whether this changes nothing
	 */
	public boolean isEmpty() {
		return this.values.isEmpty();
	}

	/**
	 * The same without what another change names, too.
	 */
	ClientSettingsChange without(ClientSettingsChange other) {
		Map<String, Object> left = new TreeMap<>(this.values);
		left.keySet().removeAll(other.values.keySet());
		return new ClientSettingsChange(left);
	}

	/**
	 * The settings with this change made.
	 * @param settings the settings before
	 * @return the settings after
	 */
	public BrowserSettings applyTo(BrowserSettings settings) {
		Map<String, Double> sampling = new LinkedHashMap<>(settings.sampling());
		this.values.forEach((key, value) -> {
			if (key.startsWith("sampling.")) {
				sampling.put(key.substring("sampling.".length()), (Double) value);
			}
		});
		BrowserSettings.Collect collect = settings.collect();
		BrowserSettings.Buffer buffer = settings.buffer();
		return new BrowserSettings(value("enabled", settings.enabled()), sampling,
				new BrowserSettings.Session(value("session.rate", settings.session().rate()),
						Duration.ofMillis(value("session.idleMs", settings.session().idle().toMillis()))),
				new BrowserSettings.Collect(value("collect.errors", collect.errors()),
						value("collect.console", collect.console()), value("collect.network", collect.network()),
						value("collect.performance", collect.performance()),
						value("collect.interactions", collect.interactions()),
						value("collect.navigation", collect.navigation()), value("collect.scroll", collect.scroll()),
						value("collect.mouse", collect.mouse()), value("collect.attribution", collect.attribution()),
						value("collect.bots", collect.bots())),
				value("ignore", settings.ignore()),
				new BrowserSettings.Buffer((int) value("buffer.events", (long) buffer.events()),
						Duration.ofMillis(value("buffer.flushMs", buffer.flush().toMillis())),
						(int) value("buffer.bytes", (long) buffer.bytes()),
						(int) value("buffer.stored", (long) buffer.stored())),
				settings.privacy(), settings.traceOrigins());
	}

	@SuppressWarnings("unchecked")
	private List<String> value(String key, List<String> otherwise) {
		return (List<String>) this.values.getOrDefault(key, otherwise);
	}

	private boolean value(String key, boolean otherwise) {
		return (Boolean) this.values.getOrDefault(key, otherwise);
	}

	private double value(String key, double otherwise) {
		return (Double) this.values.getOrDefault(key, otherwise);
	}

	private long value(String key, long otherwise) {
		return (Long) this.values.getOrDefault(key, otherwise);
	}

	/**
	 * The part of a settings document that makes this change.
	 * @return names of the contract, groups as maps
	 */
	public Map<String, Object> toMap() {
		Map<String, Object> document = new LinkedHashMap<>();
		Map<String, Map<String, Object>> groups = new LinkedHashMap<>();
		this.values.forEach((key, value) -> {
			int dot = key.indexOf('.');
			if (dot < 0) {
				document.put(key, value);
			}
			else {
				groups.computeIfAbsent(key.substring(0, dot), (group) -> new LinkedHashMap<>())
					.put(key.substring(dot + 1), value);
			}
		});
		document.putAll(groups);
		return document;
	}

	@Override
	public boolean equals(@Nullable Object other) {
		return other instanceof ClientSettingsChange change && this.values.equals(change.values);
	}

	@Override
	public int hashCode() {
		return this.values.hashCode();
	}

	@Override
	public String toString() {
		return this.values.toString();
	}

}
