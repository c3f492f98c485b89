package io.telemetry.signal;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Identity of one signal, 128 bits, written as 26 characters of Crockford's base 32 after
 * the ULID. Uids made by {@link #next} sort by time and, within a millisecond, by order
 * of making on one node; they are unique across nodes by 48 bits of randomness drawn once
 * per process. Making one takes an atomic increment and no random source.
 *
 * @param high the upper 64 bits
 * @param low the lower 64 bits
 */
public record Uid(long high, long low) implements Comparable<Uid> {

	/**
	 * The last second whose milliseconds fit into the 48 bits that a uid has for its
	 * time.
	 */
	static final long LAST_SECOND = ((1L << 48) - 1000) / 1000;

	/** Characters of the text. */
	public static final int LENGTH = 26;

	private static final byte[] ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ".getBytes(StandardCharsets.US_ASCII);

	private static final long NODE = new SecureRandom().nextLong() >>> 16;

	private static final AtomicInteger SEQUENCE = new AtomicInteger();

	/**
	 * A new uid.
	 * @param epochMillis the time it is to sort by, from 0 to below 2^48
	 * @return a uid that no other call returns, as long as fewer than 2^32 are made for
	 * one millisecond
	 */
	public static Uid next(long epochMillis) {
		return of(epochMillis, nextSequence());
	}

	/**
	 * A place in the order of making, of which {@link #of} makes a uid later.
	 */
	static int nextSequence() {
		return SEQUENCE.getAndIncrement();
	}

	static Uid of(long epochMillis, int sequence) {
		return new Uid((epochMillis << 16) | (sequence >>> 16), ((long) sequence << 48) | NODE);
	}

	/**
	 * The uid that stands for a text: the same text gives the same uid, on any node.
	 * @param text what it is derived from
	 * @return the first 128 bits of the text's SHA-256
	 */
	public static Uid derivedFrom(String text) {
		try {
			byte[] hash = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
			return new Uid(bits(hash, 0), bits(hash, 8));
		}
		catch (NoSuchAlgorithmException ex) {
			throw new IllegalStateException("Every Java platform has SHA-256", ex);
		}
	}

	/**
	 * The uid of a part of what this uid stands for: the same index gives the same uid,
	 * and different indexes give different ones.
	 * @param index which part
	 * @return the part's uid
	 */
	public Uid part(int index) {
		// Odd multiplier: a bijection of 64 bits, so two indexes never meet.
		return new Uid(this.high, this.low + index * 0x9E3779B97F4A7C15L);
	}

	private static long bits(byte[] bytes, int offset) {
		long value = 0;
		for (int i = 0; i < 8; i++) {
			value = (value << 8) | (bytes[offset + i] & 0xff);
		}
		return value;
	}

	@Override
	public int compareTo(Uid other) {
		int byHigh = Long.compareUnsigned(this.high, other.high);
		return (byHigh != 0) ? byHigh : Long.compareUnsigned(this.low, other.low);
	}

	/**
	 * Writes the 26 characters as ASCII.
	 * @param target where they go
	 * @param offset the place of the first
	 * @throws IndexOutOfBoundsException if there is no room for {@link #LENGTH} bytes
	 */
	public void toAscii(byte[] target, int offset) {
		long upper = this.high;
		long lower = this.low;
		for (int i = offset + LENGTH - 1; i >= offset; i--) {
			target[i] = ALPHABET[(int) (lower & 31)];
			lower = (lower >>> 5) | (upper << 59);
			upper >>>= 5;
		}
	}

	/**
	 * The 26 characters; they sort as the uids do.
	 */
	@Override
	public String toString() {
		byte[] text = new byte[LENGTH];
		toAscii(text, 0);
		return new String(text, StandardCharsets.US_ASCII);
	}

}
