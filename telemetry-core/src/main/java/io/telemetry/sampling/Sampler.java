package io.telemetry.sampling;

import java.util.concurrent.ThreadLocalRandom;
import java.util.function.DoubleSupplier;

import org.jspecify.annotations.Nullable;

/**
 * Lets a share of signals through: by chance, or by a key so that all signals of one key
 * share its fate. Safe for several threads; asking allocates nothing.
 */
public final class Sampler {

	/** Lets everything through. */
	public static final Sampler ALL = new Sampler(1, () -> 0);

	private final double rate;

	private final DoubleSupplier random;

	private Sampler(double rate, DoubleSupplier random) {
		this.rate = rate;
		this.random = random;
	}

	/**
	 * A sampler of a rate.
	 * @param rate the share to let through, 0 to 1
	 * @return the sampler
	 * @throws IllegalArgumentException if the rate is not a share
	 */
	public static Sampler of(double rate) {
		return of(rate, () -> ThreadLocalRandom.current().nextDouble());
	}

	/**
	 * A sampler of a rate with a source of chance of its own.
	 * @param rate the share to let through, 0 to 1
	 * @param random numbers from 0 to below 1
	 * @return the sampler
	 * @throws IllegalArgumentException if the rate is not a share
	 */
	public static Sampler of(double rate, DoubleSupplier random) {
		if (!(rate >= 0 && rate <= 1)) {
			throw new IllegalArgumentException("A sample rate must be from 0 to 1, not " + rate);
		}
		return (rate == 1) ? ALL : new Sampler(rate, random);
	}

	/**
	 * The share that is let through.
	 * @return 0 to 1
	 */
	public double rate() {
		return this.rate;
	}

	/**
	 * Asks for one signal.
	 * @return {@code true} if it goes on
	 */
	public boolean sample() {
		return this.rate == 1 || this.random.getAsDouble() < this.rate;
	}

	/**
	 * Asks for one signal that belongs with others of a key. What is asked with the same
	 * key is answered consistently, also by other samplers on other machines: one of rate
	 * 0.1 behind one of rate 0.5 keeps a share of 0.05 of all keys, all of them among
	 * those that the first kept.
	 * @param rateSoFar the product of the rates by which samplers before this one let the
	 * same key through, 1 if there were none. What was sampled by chance or by another
	 * key has no part in it.
	 * @param key the trace or session, say; by {@code null} chance decides, as in
	 * {@link #sample()}
	 * @return {@code true} if it goes on
	 */
	public boolean sample(double rateSoFar, @Nullable String key) {
		if (key == null) {
			return sample();
		}
		return this.rate == 1 || pointOf(key) < rateSoFar * this.rate;
	}

	/**
	 * Where a key lies between 0 and 1: the same for the same key in every process and
	 * release, and spread evenly over keys, however alike they are. It is the upper 53
	 * bits of the key's 64-bit FNV-1a hash, taken over UTF-16 units and mixed by the
	 * finalizer of MurmurHash3.
	 * @param key any text
	 * @return from 0 to below 1
	 */
	public static double pointOf(String key) {
		long hash = 0xcbf29ce484222325L;
		for (int i = 0; i < key.length(); i++) {
			hash = (hash ^ key.charAt(i)) * 0x100000001b3L;
		}
		hash = (hash ^ (hash >>> 33)) * 0xff51afd7ed558ccdL;
		hash = (hash ^ (hash >>> 33)) * 0xc4ceb9fe1a85ec53L;
		return ((hash ^ (hash >>> 33)) >>> 11) * 0x1.0p-53;
	}

}
