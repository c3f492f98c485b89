package io.telemetry.boot.channel.control;

import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

import io.telemetry.boot.browser.BrowserSettings;
import org.jspecify.annotations.Nullable;

/**
 * The live changes of settings: a stack for each target, so that when a temporary change
 * ends, the one before it is in force again. Bounded. Safe for several threads; what is
 * in force is found out without a lock.
 */
final class Overrides {

	private final int most;

	private final InstantSource clock;

	/** Immutable; the youngest change of a target last. Replaced under the lock. */
	private volatile Map<Target, List<SettingsOverride>> byTarget = Map.of();

	Overrides(int most, InstantSource clock) {
		this.most = most;
		this.clock = clock;
	}

	/**
	 * Adds a change. What it hides for as long as it would last is forgotten, so saying
	 * the same twice takes no more room than once.
	 * @throws ControlLimitException if there are too many
	 */
	synchronized void add(SettingsOverride override) {
		Map<Target, List<SettingsOverride>> next = new LinkedHashMap<>(this.byTarget);
		List<SettingsOverride> stack = new ArrayList<>();
		for (SettingsOverride earlier : next.getOrDefault(override.target(), List.of())) {
			ClientSettingsChange left = earlier.endsBefore(override.expiresAt())
					? earlier.change().without(override.change()) : earlier.change();
			if (!left.isEmpty()) {
				stack.add(new SettingsOverride(earlier.target(), left, earlier.expiresAt()));
			}
		}
		stack.add(override);
		next.put(override.target(), List.copyOf(stack));
		if (next.values().stream().mapToInt(List::size).sum() > this.most) {
			throw new ControlLimitException("There are " + this.most
					+ " changes of settings already, as many as telemetry.channel.control.max-overrides allows: take "
					+ "some back");
		}
		this.byTarget = next;
	}

	/**
	 * Takes back what was changed for a target.
	 */
	synchronized void remove(Target target) {
		Map<Target, List<SettingsOverride>> next = new LinkedHashMap<>(this.byTarget);
		next.remove(target);
		this.byTarget = next;
	}

	/**
	 * Takes back everything.
	 */
	synchronized void clear() {
		this.byTarget = Map.of();
	}

	/**
	 * Forgets what has come to its end.
	 * @return for whom something has
	 */
	Set<Target> removeExpired() {
		if (this.byTarget.isEmpty()) {
			return Set.of();
		}
		Set<Target> targets = new LinkedHashSet<>();
		Instant now = this.clock.instant();
		synchronized (this) {
			Map<Target, List<SettingsOverride>> next = new LinkedHashMap<>();
			this.byTarget.forEach((target, stack) -> {
				List<SettingsOverride> left = stack.stream().filter((override) -> !override.isOver(now)).toList();
				if (left.size() < stack.size()) {
					targets.add(target);
				}
				if (!left.isEmpty()) {
					next.put(target, left);
				}
			});
			if (!targets.isEmpty()) {
				this.byTarget = next;
			}
		}
		return targets;
	}

	/**
	 * What is in force, the weakest first.
	 */
	List<SettingsOverride> all() {
		Instant now = this.clock.instant();
		return this.byTarget.entrySet()
			.stream()
			.sorted(Comparator.comparing((entry) -> entry.getKey().scope()))
			.flatMap((entry) -> entry.getValue().stream())
			.filter((override) -> !override.isOver(now))
			.toList();
	}

	/**
	 * The settings of a client, whichever of its names are known.
	 * @return the settings themselves where nothing concerns it
	 */
	BrowserSettings applyTo(BrowserSettings settings, @Nullable String application, @Nullable String user,
			@Nullable String session) {
		Map<Target, List<SettingsOverride>> all = this.byTarget;
		if (all.isEmpty()) {
			return settings;
		}
		Instant now = this.clock.instant();
		BrowserSettings result = apply(settings, all.get(Target.all()), now);
		result = apply(result, get(all, Target.Scope.APPLICATION, application), now);
		result = apply(result, get(all, Target.Scope.USER, user), now);
		return apply(result, get(all, Target.Scope.SESSION, session), now);
	}

	private static @Nullable List<SettingsOverride> get(Map<Target, List<SettingsOverride>> all, Target.Scope scope,
			@Nullable String name) {
		boolean possible = name != null && !name.isEmpty() && name.length() <= Target.MAX_NAME_LENGTH;
		return possible ? all.get(new Target(scope, String.valueOf(name))) : null;
	}

	private static BrowserSettings apply(BrowserSettings settings, @Nullable List<SettingsOverride> stack,
			Instant now) {
		BrowserSettings result = settings;
		if (stack != null) {
			for (SettingsOverride override : stack) {
				if (!override.isOver(now)) {
					result = override.change().applyTo(result);
				}
			}
		}
		return result;
	}

}
