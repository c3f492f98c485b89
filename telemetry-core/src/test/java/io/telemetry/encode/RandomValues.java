package io.telemetry.encode;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;

import io.telemetry.signal.Kind;
import io.telemetry.signal.Level;
import io.telemetry.signal.Location;
import io.telemetry.signal.Measurement;
import io.telemetry.signal.Run;
import io.telemetry.signal.ServiceIdentity;
import io.telemetry.signal.Signal;

/**
 * Signals with arbitrary content, the same for the same seed.
 */
final class RandomValues {

	private final Random random;

	RandomValues(long seed) {
		this.random = new Random(seed);
	}

	Signal signal() {
		Signal.Builder builder = Signal
			.builder(Level.of(this.random.nextInt(100)), Kind.values()[this.random.nextInt(Kind.values().length)],
					text())
			.timestamp(Instant.ofEpochSecond(this.random.nextLong() >> 30, this.random.nextInt(1_000_000) * 1_000L))
			.service(new ServiceIdentity(maybeText(), maybeText(), maybeText(), maybeText(), maybeText(), maybeText()))
			.id(maybeText())
			.message(maybeText())
			.threadName(maybeText())
			.data(fields(0))
			.context(fields(2))
			.sampleRate(1 - this.random.nextDouble())
			.suppressed(this.random.nextInt(3));
		if (this.random.nextInt(3) == 0) {
			builder.throwable(throwable(0));
		}
		if (this.random.nextInt(3) == 0) {
			builder.location(new Location(text(), maybeText(), maybeText(), this.random.nextInt(3)));
		}
		if (this.random.nextInt(3) == 0) {
			builder.measurement(new Measurement(this.random.nextGaussian(), maybeText(), Map.of(text(), text())));
		}
		if (this.random.nextInt(3) == 0) {
			builder.run(new Run(maybeText(), maybeText(), maybeText(), maybeText(),
					Duration.ofNanos(this.random.nextLong()), value(1)));
		}
		return builder.build();
	}

	private Map<String, Object> fields(int depth) {
		Map<String, Object> fields = new LinkedHashMap<>();
		for (int i = this.random.nextInt(5); i > 0; i--) {
			fields.put(text(), value(depth));
		}
		return fields;
	}

	private Object value(int depth) {
		int choice = this.random.nextInt((depth < 5) ? 24 : 20);
		return switch (choice) {
			case 0 -> null;
			case 1 -> this.random.nextInt();
			case 2 -> this.random.nextLong();
			case 3 -> this.random.nextGaussian();
			case 4 -> Double.NaN;
			case 5 -> Float.NEGATIVE_INFINITY;
			case 6 -> this.random.nextBoolean();
			case 7 -> (char) this.random.nextInt(0x10000);
			case 8 -> new BigDecimal(BigInteger.valueOf(this.random.nextLong()),
					this.random.nextBoolean() ? this.random.nextInt(50) - 20 : this.random.nextInt());
			case 9 -> new BigInteger(2_000, this.random);
			case 10 -> Instant.ofEpochMilli(this.random.nextInt());
			case 11 -> LocalDate.ofEpochDay(this.random.nextInt(100_000));
			case 12 -> Duration.ofMillis(this.random.nextInt());
			case 13 -> new UUID(this.random.nextLong(), this.random.nextLong());
			case 14 -> text().getBytes(StandardCharsets.UTF_16);
			case 15 -> new int[] { 1, this.random.nextInt() };
			case 16 -> Kind.values()[this.random.nextInt(8)];
			case 17 -> new StringBuilder(text());
			case 18 -> new Hostile();
			case 19 -> text();
			case 20 -> fields(depth + 1);
			case 21 -> Optional.ofNullable(value(depth + 1));
			case 22 -> throwable(depth);
			default -> {
				List<Object> elements = new ArrayList<>();
				for (int i = this.random.nextInt(4); i > 0; i--) {
					elements.add(value(depth + 1));
				}
				yield elements;
			}
		};
	}

	private Throwable throwable(int depth) {
		Exception exception = new Exception(text(), (depth < 4) ? throwable(depth + 1) : null);
		exception.setStackTrace(Arrays.copyOf(exception.getStackTrace(), 3));
		if (this.random.nextInt(4) == 0) {
			exception.addSuppressed(new IllegalStateException(text()));
		}
		return exception;
	}

	private String maybeText() {
		return (this.random.nextInt(3) == 0) ? null : text();
	}

	/**
	 * Any 16-bit units at all, with a leaning to those that do harm; seldom a long one,
	 * so that a generator has to cut it into segments.
	 */
	String text() {
		int length = (this.random.nextInt(200) == 0) ? this.random.nextInt(20_000) : this.random.nextInt(12);
		StringBuilder text = new StringBuilder();
		for (int i = 0; i < length; i++) {
			switch (this.random.nextInt(6)) {
				case 0 -> text.append((char) this.random.nextInt(0xa0));
				case 1 -> text.append((char) this.random.nextInt(0x10000));
				case 2 -> text.append((char) (0xd800 + this.random.nextInt(0x800)));
				case 3 -> text.appendCodePoint(0x10000 + this.random.nextInt(0x100000));
				case 4 ->
					text.append("\u001b[31m\r\n\"\\\u007f\u0085\u2028\u2029\u202e".charAt(this.random.nextInt(14)));
				default -> text.append((char) ('a' + this.random.nextInt(26)));
			}
		}
		return text.toString();
	}

	private static final class Hostile {

		@Override
		public String toString() {
			throw new IllegalStateException("no text");
		}

	}

}
