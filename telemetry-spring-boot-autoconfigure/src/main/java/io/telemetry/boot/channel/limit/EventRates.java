package io.telemetry.boot.channel.limit;

import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

import io.telemetry.limit.KeyedRateLimiter;
import io.telemetry.limit.RateLimit;
import io.telemetry.limit.RateLimiter;
import org.jspecify.annotations.Nullable;

/**
 * Holds clients to so many events in a time: a connection, a user, an address and an
 * application. A batch passes all of these limits whole or is charged to none: each asks
 * the next while it holds the charge, and takes it back where the next says no. So a
 * batch that is refused costs its sender nothing but the asking, and the budget of a user
 * or an address can't be used up by batches that another limit holds back anyway.
 * <p>
 * A batch of more events than a limit ever lets pass goes through when nothing else has
 * been sent, and then takes as long as so many events would; see {@link RateLimiter}.
 * <p>
 * Safe for several threads; takes a lock only for a user or an address that was not
 * known.
 */
public final class EventRates {

	private final @Nullable RateLimiter connection;

	private final @Nullable KeyedRateLimiter user;

	private final @Nullable KeyedRateLimiter address;

	private final Map<String, RateLimiter> applications;

	private final Map<Limit, LongAdder> limited = new EnumMap<>(Limit.class);

	/**
	 * Limits by the system's monotonic clock.
	 * @param limits what may pass
	 */
	public EventRates(RateLimits limits) {
		this(limits, System::nanoTime);
	}

	/**
	 * Limits by a given clock.
	 * @param limits what may pass
	 * @param nanoTime a monotonic clock in nanoseconds
	 */
	public EventRates(RateLimits limits, LongSupplier nanoTime) {
		this.connection = (limits.connection() != null) ? new RateLimiter(limits.connection(), nanoTime) : null;
		this.user = keyed(limits.user(), limits.maxKeys(), nanoTime);
		this.address = keyed(limits.address(), limits.maxKeys(), nanoTime);
		Map<String, RateLimiter> applications = new LinkedHashMap<>();
		limits.applications().forEach((name, limit) -> applications.put(name, new RateLimiter(limit, nanoTime)));
		this.applications = Map.copyOf(applications);
		for (Limit limit : Limit.values()) {
			this.limited.put(limit, new LongAdder());
		}
	}

	private static @Nullable KeyedRateLimiter keyed(@Nullable RateLimit limit, int maxKeys, LongSupplier nanoTime) {
		return (limit != null) ? new KeyedRateLimiter(limit, maxKeys, nanoTime) : null;
	}

	/**
	 * The budget of a new connection, to be kept with it.
	 * @return a limiter of which nothing is used up, or {@code null} if connections have
	 * no limit
	 */
	public @Nullable RateLimiter forConnection() {
		return (this.connection != null) ? this.connection.unused() : null;
	}

	/**
	 * Asks for the events of a batch.
	 * @param connection the budget of the connection, {@code null} where there is no
	 * connection
	 * @param user the user as the server sees it, {@code null} for one that is not to be
	 * limited
	 * @param address a key for the client's address, {@code null} where it is not known
	 * @param application the name of the client's application, {@code null} for none
	 * @param events events in the batch; an empty batch counts as one
	 * @return {@code null} if the batch passes and is charged, else why it does not
	 */
	public @Nullable Refusal ask(@Nullable RateLimiter connection, @Nullable String user, @Nullable String address,
			@Nullable String application, int events) {
		Question question = new Question(connection, user, address,
				(application != null) ? this.applications.get(application) : null, Math.max(1, events));
		if (question.askConnection()) {
			return null;
		}
		LongAdder counter = this.limited.get(question.refusedBy);
		if (counter != null) {
			counter.add(question.events);
		}
		return new Refusal(question.refusedBy, question.retryAfterMs());
	}

	/**
	 * What was counted until now.
	 * @return a snapshot
	 */
	public Snapshot snapshot() {
		Map<String, Long> limited = new LinkedHashMap<>();
		this.limited.forEach((limit, events) -> limited.put(limit.toString(), events.sum()));
		Map<String, Integer> keys = new LinkedHashMap<>();
		Map<String, Long> overflowed = new LinkedHashMap<>();
		snapshot(Limit.USER, this.user, keys, overflowed);
		snapshot(Limit.ADDRESS, this.address, keys, overflowed);
		return new Snapshot(Map.copyOf(limited), Map.copyOf(keys), Map.copyOf(overflowed));
	}

	private static void snapshot(Limit limit, @Nullable KeyedRateLimiter limiter, Map<String, Integer> keys,
			Map<String, Long> overflowed) {
		keys.put(limit.toString(), (limiter != null) ? limiter.size() : 0);
		overflowed.put(limit.toString(), (limiter != null) ? limiter.overflowed() : 0);
	}

	/**
	 * Whose events are counted.
	 */
	public enum Limit {

		/** One connection's. */
		CONNECTION,

		/** One user's. */
		USER,

		/** One address's. */
		ADDRESS,

		/** One application's. */
		APPLICATION;

		private final String text = name().toLowerCase(Locale.ROOT);

		/**
		 * The limit as counters write it.
		 */
		@Override
		public String toString() {
			return this.text;
		}

	}

	/**
	 * Why a batch does not pass.
	 *
	 * @param limit the limit that is used up; of several, one of them
	 * @param retryAfterMs in how many milliseconds the batch would pass all limits if
	 * nothing else did meanwhile, at least 1
	 */
	public record Refusal(Limit limit, long retryAfterMs) {
	}

	/**
	 * The counters at one moment.
	 *
	 * @param limited events of batches that were held back, by the limit that did so
	 * @param keys users and addresses that are told apart now, by limit
	 * @param overflowed events of users and addresses beyond the bound, which were asked
	 * for of the limit that these share, by limit
	 */
	public record Snapshot(Map<String, Long> limited, Map<String, Integer> keys, Map<String, Long> overflowed) {
	}

	/**
	 * One batch on its way through the limits.
	 */
	private final class Question {

		private final @Nullable RateLimiter connection;

		private final @Nullable String userKey;

		private final @Nullable String addressKey;

		private final @Nullable RateLimiter application;

		private final int events;

		private Limit refusedBy = Limit.CONNECTION;

		Question(@Nullable RateLimiter connection, @Nullable String userKey, @Nullable String addressKey,
				@Nullable RateLimiter application, int events) {
			this.connection = connection;
			this.userKey = userKey;
			this.addressKey = addressKey;
			this.application = application;
			this.events = events;
		}

		boolean askConnection() {
			return this.connection == null ? askUser() : this.connection.ask(this.events, this::askUser) >= 0;
		}

		private boolean askUser() {
			this.refusedBy = Limit.USER;
			KeyedRateLimiter limiter = EventRates.this.user;
			return (limiter == null || this.userKey == null) ? askAddress()
					: limiter.ask(this.userKey, this.events, this::askAddress) >= 0;
		}

		private boolean askAddress() {
			this.refusedBy = Limit.ADDRESS;
			KeyedRateLimiter limiter = EventRates.this.address;
			return (limiter == null || this.addressKey == null) ? askApplication()
					: limiter.ask(this.addressKey, this.events, this::askApplication) >= 0;
		}

		private boolean askApplication() {
			this.refusedBy = Limit.APPLICATION;
			return this.application == null || this.application.ask(this.events) >= 0;
		}

		/**
		 * The longest of all limits, so that what comes again then is not refused by
		 * another.
		 */
		long retryAfterMs() {
			long nanos = 1;
			if (this.connection != null) {
				nanos = Math.max(nanos, this.connection.retryAfter(this.events));
			}
			if (EventRates.this.user != null && this.userKey != null) {
				nanos = Math.max(nanos, EventRates.this.user.retryAfter(this.userKey, this.events));
			}
			if (EventRates.this.address != null && this.addressKey != null) {
				nanos = Math.max(nanos, EventRates.this.address.retryAfter(this.addressKey, this.events));
			}
			if (this.application != null) {
				nanos = Math.max(nanos, this.application.retryAfter(this.events));
			}
			long millis = TimeUnit.NANOSECONDS.toMillis(nanos);
			return (TimeUnit.MILLISECONDS.toNanos(millis) < nanos) ? millis + 1 : millis;
		}

	}

}
