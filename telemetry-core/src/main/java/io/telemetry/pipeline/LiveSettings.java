package io.telemetry.pipeline;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Predicate;

import org.jspecify.annotations.Nullable;

/**
 * Configured settings and the live changes that lie over them. Each setting has a stack
 * of its own, so that when a change expires the one before it is in force again.
 * Immutable: a change that turns out to be wrong is simply not kept.
 *
 * @param <S> the settings
 */
final class LiveSettings<S> {

	/** Temporary changes of one setting that may lie over one another. */
	private static final int MAX_STACKED = 16;

	private final S configured;

	private final Map<String, Deque<Entry<S>>> changes;

	private LiveSettings(S configured, Map<String, Deque<Entry<S>>> changes) {
		this.configured = configured;
		this.changes = changes;
	}

	static <S> LiveSettings<S> of(S configured) {
		return new LiveSettings<>(configured, Map.of());
	}

	S configured() {
		return this.configured;
	}

	S effective() {
		S result = this.configured;
		for (Deque<Entry<S>> stack : this.changes.values()) {
			result = stack.getLast().change().operator().apply(result);
		}
		return result;
	}

	/**
	 * The settings with more changes over them.
	 * @param added the changes
	 * @param expiresAt when they end, or {@code null} for never
	 */
	LiveSettings<S> with(Collection<Change<S>> added, @Nullable Instant expiresAt) {
		Map<String, Deque<Entry<S>>> copy = copy((setting) -> true);
		for (Change<S> change : added) {
			Deque<Entry<S>> stack = copy.computeIfAbsent(change.setting(), (setting) -> new ArrayDeque<>());
			// What ends no later than the new change will never be in force again.
			stack.removeIf((entry) -> expiresAt == null
					|| (entry.expiresAt() != null && !entry.expiresAt().isAfter(expiresAt)));
			if (stack.size() >= MAX_STACKED) {
				throw new IllegalArgumentException("'" + change.setting() + "' already has " + MAX_STACKED
						+ " temporary changes that end later than this one; take them back first");
			}
			stack.addLast(new Entry<>(change, expiresAt));
		}
		return new LiveSettings<>(this.configured, copy);
	}

	/**
	 * The settings without the changes of some settings.
	 */
	LiveSettings<S> without(Predicate<String> settings) {
		return new LiveSettings<>(this.configured, copy(settings.negate()));
	}

	/**
	 * The settings without the changes that have ended.
	 */
	LiveSettings<S> expire(Instant now) {
		Map<String, Deque<Entry<S>>> copy = copy((setting) -> true);
		copy.values()
			.forEach(
					(stack) -> stack.removeIf((entry) -> entry.expiresAt() != null && !entry.expiresAt().isAfter(now)));
		copy.values().removeIf(Deque::isEmpty);
		return new LiveSettings<>(this.configured, copy);
	}

	/**
	 * When the next change ends, or {@code null} if none does.
	 */
	@Nullable Instant nextExpiry() {
		Instant next = null;
		for (Deque<Entry<S>> stack : this.changes.values()) {
			for (Entry<S> entry : stack) {
				if (entry.expiresAt() != null && (next == null || entry.expiresAt().isBefore(next))) {
					next = entry.expiresAt();
				}
			}
		}
		return next;
	}

	/**
	 * The settings that are changed, and when each change ends.
	 */
	Map<String, @Nullable Instant> changed() {
		Map<String, @Nullable Instant> result = new LinkedHashMap<>();
		this.changes.forEach((setting, stack) -> result.put(setting, stack.getLast().expiresAt()));
		return result;
	}

	private Map<String, Deque<Entry<S>>> copy(Predicate<String> kept) {
		Map<String, Deque<Entry<S>>> copy = new LinkedHashMap<>();
		this.changes.forEach((setting, stack) -> {
			if (kept.test(setting)) {
				copy.put(setting, new ArrayDeque<>(stack));
			}
		});
		return copy;
	}

	private record Entry<S>(Change<S> change, @Nullable Instant expiresAt) {
	}

}
