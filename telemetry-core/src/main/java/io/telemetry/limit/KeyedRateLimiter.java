package io.telemetry.limit;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

import io.telemetry.signal.Uid;
import org.jspecify.annotations.Nullable;

/**
 * A {@link RateLimiter} for each key, such as a user or an address, that remembers only
 * so many keys.
 * <p>
 * A key takes up room until all its windows have ended; then a new key may take its
 * place, and how many signals of the old one were held back since its last that passed is
 * forgotten. A key whose window is running is never forgotten, so nobody gains a budget
 * by driving keys out. While no room is found, keys that are not known share one limiter
 * of the same limit among them, and each of their signals is counted in
 * {@link #overflowed()}: where that number rises, there are more keys within the longest
 * period than there is room for.
 * <p>
 * Safe for several threads. Asking for a key that is known takes no lock and allocates
 * nothing; new keys are taken one at a time, each after a look at a fixed number of
 * others at most. Of keys longer than {@value #MAX_KEY_LENGTH} characters only the
 * beginning and a hash are kept, and asking for them allocates.
 */
public final class KeyedRateLimiter {

	/** Characters of a key that are kept. */
	public static final int MAX_KEY_LENGTH = 256;

	/** Keys that {@code maxKeys} may ask for at most. */
	public static final int MAX_KEYS = 10_000_000;

	/** Places that a new key tries. */
	private static final int TRIES = 8;

	private final LongSupplier nanoTime;

	private final ConcurrentMap<String, Entry> entries = new ConcurrentHashMap<>();

	/** Every entry has a place: their number is the bound. Guarded by itself. */
	private final @Nullable Entry[] places;

	/** The place that is tried next. Guarded by the places. */
	private int hand;

	/** Asked for the keys that find no place, and the pattern for those that do. */
	private final RateLimiter shared;

	private final AtomicLong overflowed = new AtomicLong();

	/**
	 * A limiter by the system's monotonic clock.
	 * @param limit what may pass of each key
	 * @param maxKeys how many keys are remembered, 1 to {@value #MAX_KEYS}
	 * @throws IllegalArgumentException if {@code maxKeys} is out of range
	 */
	public KeyedRateLimiter(RateLimit limit, int maxKeys) {
		this(limit, maxKeys, System::nanoTime);
	}

	/**
	 * A limiter by a given clock.
	 * @param limit what may pass of each key
	 * @param maxKeys how many keys are remembered, 1 to {@value #MAX_KEYS}
	 * @param nanoTime a monotonic clock in nanoseconds
	 * @throws IllegalArgumentException if {@code maxKeys} is out of range
	 */
	public KeyedRateLimiter(RateLimit limit, int maxKeys, LongSupplier nanoTime) {
		if (maxKeys < 1 || maxKeys > MAX_KEYS) {
			throw new IllegalArgumentException("maxKeys must be from 1 to " + MAX_KEYS + ", not " + maxKeys);
		}
		this.nanoTime = nanoTime;
		this.places = new Entry[maxKeys];
		this.shared = new RateLimiter(limit, nanoTime);
	}

	/**
	 * What may pass of each key.
	 * @return the limit
	 */
	public RateLimit limit() {
		return this.shared.limit();
	}

	/**
	 * How many keys are remembered now.
	 * @return at most {@code maxKeys}
	 */
	public int size() {
		return this.entries.size();
	}

	/**
	 * How many signals were decided by the shared limiter, because their key was not
	 * known and no room for it was found.
	 * @return since this limiter was made
	 */
	public long overflowed() {
		return this.overflowed.get();
	}

	/**
	 * Asks for one signal of a key.
	 * @param key the key
	 * @return {@link RateLimiter#LIMITED}, or for one that passes, how many of the key
	 * were held back since the last that did
	 */
	public long ask(String key) {
		return ask(key, 1, null);
	}

	/**
	 * Asks for several signals of a key at once, which pass all or not at all, as
	 * {@link RateLimiter#ask(int)} says.
	 * @param key the key
	 * @param permits how many, at least 1
	 * @return {@link RateLimiter#LIMITED}, or for those that pass, how many of the key
	 * were held back since the last that did
	 * @throws IllegalArgumentException if {@code permits} is below 1
	 */
	public long ask(String key, int permits) {
		return ask(key, permits, null);
	}

	/**
	 * Asks for several signals of a key at once, which pass if something else agrees, as
	 * {@link RateLimiter#ask(int, BooleanSupplier)} says.
	 * @param key the key
	 * @param permits how many, at least 1
	 * @param also what has to agree, asked at most once, on this thread; it must not
	 * throw, or what was charged stays so
	 * @return {@link RateLimiter#LIMITED}, or for those that pass, how many of the key
	 * were held back since the last that did
	 * @throws IllegalArgumentException if {@code permits} is below 1
	 */
	public long ask(String key, int permits, @Nullable BooleanSupplier also) {
		String kept = kept(key);
		Entry entry = this.entries.get(kept);
		while (true) {
			if (entry == null) {
				entry = enter(kept);
			}
			if (entry == null) {
				long shared = this.shared.ask(permits, also);
				this.overflowed.getAndAdd(permits);
				return shared;
			}
			long result = entry.limiter.ask(permits, also);
			if (result != RateLimiter.RETIRED) {
				return result;
			}
			// Whoever retired it takes it away before anybody else enters
			entry = null;
		}
	}

	/**
	 * How long until so many of a key could pass, if nothing else does meanwhile.
	 * @param key the key
	 * @param permits how many, at least 1
	 * @return nanoseconds, 0 if they could now. For a key that is not known, what the
	 * limiter says that such keys share while no room is found; it may be found before.
	 * @throws IllegalArgumentException if {@code permits} is below 1
	 */
	public long retryAfter(String key, int permits) {
		Entry entry = this.entries.get(kept(key));
		return ((entry != null) ? entry.limiter : this.shared).retryAfter(permits);
	}

	private static String kept(String key) {
		return (key.length() <= MAX_KEY_LENGTH) ? key : shorten(key);
	}

	/**
	 * Finds a place for a key that was not known. Until something passes there, another
	 * key may take it.
	 * @return the entry, by now perhaps another thread's, or {@code null} if there is no
	 * room
	 */
	private @Nullable Entry enter(String key) {
		synchronized (this.places) {
			Entry known = this.entries.get(key);
			if (known != null) {
				return known;
			}
			int place = findPlace();
			if (place < 0) {
				return null;
			}
			Entry entry = new Entry(key, this.shared.unused());
			this.places[place] = entry;
			this.entries.put(key, entry);
			return entry;
		}
	}

	private int findPlace() {
		long now = this.nanoTime.getAsLong();
		for (int i = 0; i < TRIES; i++) {
			int place = this.hand;
			this.hand = (place + 1 < this.places.length) ? place + 1 : 0;
			Entry entry = this.places[place];
			if (entry == null) {
				return place;
			}
			if (entry.limiter.retire(now)) {
				this.entries.remove(entry.key, entry);
				return place;
			}
		}
		return -1;
	}

	/**
	 * As what a long key is kept: longer than any key that is kept as it is, so that the
	 * two never meet.
	 */
	private static String shorten(String key) {
		return key.substring(0, MAX_KEY_LENGTH) + Uid.derivedFrom(key);
	}

	private static final class Entry {

		private final String key;

		private final RateLimiter limiter;

		Entry(String key, RateLimiter limiter) {
			this.key = key;
			this.limiter = limiter;
		}

	}

}
