package io.telemetry.sampling;

import java.util.concurrent.ThreadLocalRandom;
import java.util.function.DoubleSupplier;

/**
 * Lets a share of signals through, by chance.
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

}
