package io.telemetry.signal;

import java.lang.invoke.VarHandle;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;

import org.jspecify.annotations.Nullable;

/**
 * One thing that happened, with everything that is known of it. A signal never changes; a
 * transform makes another one through {@link #toBuilder()}.
 * <p>
 * {@linkplain #data() Data} is what happened and {@linkplain #context() context} is what
 * was going on around it; the two are kept apart in every output. Maps are copied on the
 * way in unless they can't change, values are not: a value that changes later shows its
 * later state.
 * <p>
 * Instances are safe to share between threads.
 */
public final class Signal {

	/** Until {@link Builder#build()}, where nothing else is said. */
	private static final Instant NOW = Instant.MIN;

	// Written by a builder alone, before anybody else has the signal: so it is made in
	// place, and what is let through costs one object and not a builder's copy as well.
	// The fence in build() does for them what final does for fields.

	private Instant timestamp = NOW;

	private Level level;

	private Kind kind;

	private String namespace;

	private @Nullable String id;

	private @Nullable String message;

	private Map<String, Object> data = Map.of();

	private Map<String, Object> context = Map.of();

	private @Nullable Throwable throwable;

	private @Nullable Location location;

	private @Nullable String threadName;

	private ServiceIdentity service = ServiceIdentity.UNKNOWN;

	private double sampleRate = 1;

	private long suppressed;

	private @Nullable Measurement measurement;

	private @Nullable Run run;

	/**
	 * Place among the uids of this process, from which the uid is made when asked for.
	 */
	private int sequence;

	private @Nullable Uid uid;

	/**
	 * Absent until something is made from this signal, so that most cost nothing. Not
	 * volatile, which would cost every signal: who does not see it makes it again.
	 */
	private @Nullable Derived derived;

	private Signal(Level level, Kind kind, String namespace) {
		this.level = Objects.requireNonNull(level, "level");
		this.kind = Objects.requireNonNull(kind, "kind");
		this.namespace = Objects.requireNonNull(namespace, "namespace");
	}

	private Signal(Signal other) {
		this.timestamp = other.timestamp;
		this.level = other.level;
		this.kind = other.kind;
		this.namespace = other.namespace;
		this.id = other.id;
		this.message = other.message;
		this.data = other.data;
		this.context = other.context;
		this.throwable = other.throwable;
		Derived derived = other.derived;
		this.derived = (derived != null) ? Derived.of(derived.error, derived.logged, derived.delivery) : null;
		this.location = other.location;
		this.threadName = other.threadName;
		this.service = other.service;
		this.sampleRate = other.sampleRate;
		this.suppressed = other.suppressed;
		this.measurement = other.measurement;
		this.run = other.run;
	}

	/** Times that no 48 bits of milliseconds can hold sort first or last. */
	private static long sortableMillis(Instant timestamp) {
		long seconds = Math.max(0, Math.min(timestamp.getEpochSecond(), Uid.LAST_SECOND));
		return seconds * 1000 + timestamp.getNano() / 1_000_000;
	}

	/**
	 * A builder of a signal.
	 * @param level the level
	 * @param kind the kind
	 * @param namespace the namespace, by custom the name of the class that speaks
	 * @return a new builder
	 */
	public static Builder builder(Level level, Kind kind, String namespace) {
		return new Builder(new Signal(level, kind, namespace));
	}

	/**
	 * A builder that holds everything this signal does, the uid included.
	 * @return a new builder
	 */
	public Builder toBuilder() {
		return new Builder(new Signal(this)).uid(uid());
	}

	/**
	 * The identity of this signal.
	 * @return the uid
	 */
	public Uid uid() {
		// Immutable and made of final fields: a race makes it twice, equal.
		Uid result = this.uid;
		if (result == null) {
			result = Uid.of(sortableMillis(this.timestamp), this.sequence);
			this.uid = result;
		}
		return result;
	}

	/**
	 * When it happened; for what a browser sent, when it was received.
	 * @return the time, with nanoseconds where the clock has them
	 */
	public Instant timestamp() {
		return this.timestamp;
	}

	/**
	 * How important it is.
	 * @return the level
	 */
	public Level level() {
		return this.level;
	}

	/**
	 * What sort of thing it is.
	 * @return the kind
	 */
	public Kind kind() {
		return this.kind;
	}

	/**
	 * Who speaks, by custom a class name.
	 * @return the namespace
	 */
	public String namespace() {
		return this.namespace;
	}

	/**
	 * What happened, as a name that stays the same from one occurrence to the next.
	 * @return the id, such as {@code app/login}
	 */
	public @Nullable String id() {
		return this.id;
	}

	/**
	 * What happened, in words.
	 * @return the message
	 */
	public @Nullable String message() {
		return this.message;
	}

	/**
	 * What happened, in fields.
	 * @return an immutable map, in the order in which the fields were given
	 */
	public Map<String, Object> data() {
		return this.data;
	}

	/**
	 * What was going on around it.
	 * @return an immutable map, in the order in which the fields were given
	 */
	public Map<String, Object> context() {
		return this.context;
	}

	/**
	 * The exception, where this signal was made from one in this process.
	 * @return the exception
	 */
	public @Nullable Throwable throwable() {
		return this.throwable;
	}

	/**
	 * The failure as data, from the exception or from a browser.
	 * @return the failure
	 */
	public @Nullable ErrorData error() {
		Derived derived = this.derived;
		ErrorData result = (derived != null) ? derived.error : null;
		if (result == null && this.throwable != null) {
			// A race makes it twice, equal.
			result = ErrorData.of(this.throwable);
			derived().error = result;
		}
		return result;
	}

	/**
	 * What the failure has in common with others of the same origin, worked out once.
	 * @return as {@link ErrorData#fingerprint()} says, or {@code null} without a failure
	 */
	public @Nullable String fingerprint() {
		ErrorData error = error();
		if (error == null) {
			return null;
		}
		Derived derived = derived();
		String result = derived.fingerprint;
		if (result == null) {
			result = error.fingerprint();
			derived.fingerprint = result;
		}
		return result;
	}

	/**
	 * What was last left with {@link #memo(Object)}.
	 * @return the memo, or {@code null} if there is none
	 */
	public @Nullable Object memo() {
		Derived derived = this.derived;
		return (derived != null) ? derived.memo : null;
	}

	/**
	 * Leaves something that was made from this signal with it, for whoever may want it
	 * again, such as its encoded form. There is one place, and the last one has it. It is
	 * no part of the signal: it may be gone or another's at any time, and copies don't
	 * have it. A signal may be kept for long, so what is large has to be held weakly.
	 * @param memo what was made
	 */
	public void memo(Object memo) {
		derived().memo = memo;
	}

	/**
	 * Whether the application's own log or console has it already, because it was made
	 * from what was written there. Whoever writes to that log leaves it out.
	 * @return {@code false} for a signal that the application made itself
	 */
	public boolean isLogged() {
		Derived derived = this.derived;
		return derived != null && derived.logged;
	}

	/**
	 * Who keeps this signal until it is delivered. Copies have it too, so that a
	 * transform loses nothing.
	 * @return {@code null} for a signal that nobody keeps
	 */
	public @Nullable Delivery delivery() {
		Derived derived = this.derived;
		return (derived != null) ? derived.delivery : null;
	}

	private Derived derived() {
		Derived result = this.derived;
		if (result == null) {
			// A race loses what the other thread made, which is made again then.
			result = new Derived(null, false, null);
			this.derived = result;
		}
		return result;
	}

	/**
	 * The place in the source, where it was asked for.
	 * @return the place
	 */
	public @Nullable Location location() {
		return this.location;
	}

	/**
	 * The thread that made the signal.
	 * @return its name
	 */
	public @Nullable String threadName() {
		return this.threadName;
	}

	/**
	 * The application and machine.
	 * @return who speaks
	 */
	public ServiceIdentity service() {
		return this.service;
	}

	/**
	 * The share of signals like this one that were let through, all samplers taken
	 * together.
	 * @return above 0, at most 1
	 */
	public double sampleRate() {
		return this.sampleRate;
	}

	/**
	 * How many like it a rate limit held back since the last.
	 * @return 0 or more
	 */
	public long suppressed() {
		return this.suppressed;
	}

	/**
	 * What was measured, for a metric.
	 * @return the measurement
	 */
	public @Nullable Measurement measurement() {
		return this.measurement;
	}

	/**
	 * The piece of work, for a trace or a spy, and the place in a trace of anything else.
	 * @return the run
	 */
	public @Nullable Run run() {
		return this.run;
	}

	/**
	 * A short form for people who debug; outputs use an encoder.
	 */
	@Override
	public String toString() {
		return this.timestamp + " " + this.level + " " + this.kind + " [" + this.namespace + "]"
				+ ((this.id != null) ? " " + this.id : "") + ((this.message != null) ? " - " + this.message : "");
	}

	/**
	 * What few signals have: what was made from one when first asked for, and where one
	 * came from. Volatile, because an encoded form may be anything.
	 */
	private static final class Derived {

		private final boolean logged;

		private final @Nullable Delivery delivery;

		private volatile @Nullable ErrorData error;

		private volatile @Nullable String fingerprint;

		private volatile @Nullable Object memo;

		Derived(@Nullable ErrorData error, boolean logged, @Nullable Delivery delivery) {
			this.error = error;
			this.logged = logged;
			this.delivery = delivery;
		}

		static @Nullable Derived of(@Nullable ErrorData error, boolean logged, @Nullable Delivery delivery) {
			return (error != null || logged || delivery != null) ? new Derived(error, logged, delivery) : null;
		}

	}

	/**
	 * Collects what a signal holds. Not safe for several threads.
	 */
	public static final class Builder {

		private Signal signal;

		private boolean built;

		private boolean uidGiven;

		private Builder(Signal signal) {
			this.signal = signal;
		}

		/**
		 * The signal in the making; another one after {@link #build()}.
		 */
		private Signal open() {
			if (this.built) {
				Signal next = new Signal(this.signal);
				next.uid = this.uidGiven ? this.signal.uid : null;
				this.signal = next;
				this.built = false;
			}
			return this.signal;
		}

		/**
		 * Sets the level.
		 * @param level how important it is
		 * @return this builder
		 */
		public Builder level(Level level) {
			open().level = Objects.requireNonNull(level, "level");
			return this;
		}

		/**
		 * Sets the kind.
		 * @param kind what sort of thing it is
		 * @return this builder
		 */
		public Builder kind(Kind kind) {
			open().kind = Objects.requireNonNull(kind, "kind");
			return this;
		}

		/**
		 * Sets the namespace.
		 * @param namespace who speaks
		 * @return this builder
		 */
		public Builder namespace(String namespace) {
			open().namespace = Objects.requireNonNull(namespace, "namespace");
			return this;
		}

		/**
		 * Sets the identity; without it a new one is made.
		 * @param uid the identity
		 * @return this builder
		 */
		public Builder uid(@Nullable Uid uid) {
			open().uid = uid;
			this.uidGiven = uid != null;
			return this;
		}

		/**
		 * Sets the time; without it the system clock is read.
		 * @param timestamp when it happened
		 * @return this builder
		 */
		public Builder timestamp(@Nullable Instant timestamp) {
			open().timestamp = (timestamp != null) ? timestamp : NOW;
			return this;
		}

		/**
		 * Sets the id. A leading colon, as Clojure writes keywords, is left out.
		 * @param id the name of what happened
		 * @return this builder
		 */
		public Builder id(@Nullable String id) {
			open().id = (id != null && id.startsWith(":")) ? id.substring(1) : id;
			return this;
		}

		/**
		 * Sets the message.
		 * @param message what happened, in words
		 * @return this builder
		 */
		public Builder message(@Nullable String message) {
			open().message = message;
			return this;
		}

		/**
		 * Sets all data.
		 * @param data what happened, in fields
		 * @return this builder
		 */
		public Builder data(Map<String, ? extends @Nullable Object> data) {
			open().data = Fields.immutable(data);
			return this;
		}

		/**
		 * Adds fields to the data, replacing those of the same name.
		 * @param fields the fields
		 * @return this builder
		 */
		public Builder addData(Map<String, ? extends @Nullable Object> fields) {
			open().data = Fields.merged(this.signal.data, fields);
			return this;
		}

		/**
		 * Sets all context.
		 * @param context what was going on around it
		 * @return this builder
		 */
		public Builder context(Map<String, ? extends @Nullable Object> context) {
			open().context = Fields.immutable(context);
			return this;
		}

		/**
		 * Adds fields to the context, replacing those of the same name.
		 * @param fields the fields
		 * @return this builder
		 */
		public Builder addContext(Map<String, ? extends @Nullable Object> fields) {
			open().context = Fields.merged(this.signal.context, fields);
			return this;
		}

		/**
		 * Sets the exception.
		 * @param throwable the exception
		 * @return this builder
		 */
		public Builder throwable(@Nullable Throwable throwable) {
			Signal signal = open();
			signal.throwable = throwable;
			signal.derived = Derived.of(null, signal.isLogged(), signal.delivery());
			return this;
		}

		/**
		 * Sets the failure as data, for one that is no exception of this process.
		 * @param error the failure
		 * @return this builder
		 */
		public Builder error(@Nullable ErrorData error) {
			Signal signal = open();
			signal.derived = Derived.of(error, signal.isLogged(), signal.delivery());
			return this;
		}

		/**
		 * Sets whether the application's own log or console has it already.
		 * @param logged {@code true} if it was made from what was written there
		 * @return this builder
		 */
		public Builder logged(boolean logged) {
			Signal signal = open();
			signal.derived = Derived.of((signal.derived != null) ? signal.derived.error : null, logged,
					signal.delivery());
			return this;
		}

		/**
		 * Sets who keeps the signal until it is delivered.
		 * @param delivery is told by handlers that are to lose nothing, or {@code null}
		 * where nobody keeps it
		 * @return this builder
		 */
		public Builder delivery(@Nullable Delivery delivery) {
			Signal signal = open();
			signal.derived = Derived.of((signal.derived != null) ? signal.derived.error : null, signal.isLogged(),
					delivery);
			return this;
		}

		/**
		 * Sets the place in the source.
		 * @param location the place
		 * @return this builder
		 */
		public Builder location(@Nullable Location location) {
			open().location = location;
			return this;
		}

		/**
		 * Sets the thread's name.
		 * @param threadName the thread that made the signal
		 * @return this builder
		 */
		public Builder threadName(@Nullable String threadName) {
			open().threadName = threadName;
			return this;
		}

		/**
		 * Sets who speaks.
		 * @param service the application and machine
		 * @return this builder
		 */
		public Builder service(ServiceIdentity service) {
			open().service = Objects.requireNonNull(service, "service");
			return this;
		}

		/**
		 * Sets the effective sample rate.
		 * @param sampleRate above 0, at most 1
		 * @return this builder
		 */
		public Builder sampleRate(double sampleRate) {
			if (!(sampleRate > 0 && sampleRate <= 1)) {
				throw new IllegalArgumentException("sampleRate must be above 0 and at most 1, not " + sampleRate);
			}
			open().sampleRate = sampleRate;
			return this;
		}

		/**
		 * Sets how many like it were held back.
		 * @param suppressed 0 or more
		 * @return this builder
		 */
		public Builder suppressed(long suppressed) {
			if (suppressed < 0) {
				throw new IllegalArgumentException("suppressed must not be negative, not " + suppressed);
			}
			open().suppressed = suppressed;
			return this;
		}

		/**
		 * Sets what was measured.
		 * @param measurement the measurement
		 * @return this builder
		 */
		public Builder measurement(@Nullable Measurement measurement) {
			open().measurement = measurement;
			return this;
		}

		/**
		 * Sets the piece of work or the place in a trace.
		 * @param run the run
		 * @return this builder
		 */
		public Builder run(@Nullable Run run) {
			open().run = run;
			return this;
		}

		/**
		 * The signal.
		 * @return a new signal with what this builder holds
		 */
		public Signal build() {
			Signal result = open();
			if (result.timestamp == NOW) {
				result.timestamp = Instant.now();
			}
			if (result.uid == null) {
				result.sequence = Uid.nextSequence();
			}
			this.built = true;
			VarHandle.releaseFence();
			return result;
		}

	}

}
