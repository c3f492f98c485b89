package io.telemetry.filter;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

import io.telemetry.signal.Kind;
import io.telemetry.signal.Level;
import org.jspecify.annotations.Nullable;

/**
 * What the value of a field is compared with. Its {@code toString} is how an expression
 * writes it.
 */
interface Operand {

	/** What {@link #compare} says of values that are neither more nor less nor equal. */
	int INCOMPARABLE = Integer.MIN_VALUE;

	/**
	 * Whether a value equals this.
	 */
	boolean matches(Object value);

	/**
	 * How a value stands to this: below 0, 0, above 0 or {@link #INCOMPARABLE}.
	 */
	default int compare(Object value) {
		return INCOMPARABLE;
	}

	/**
	 * What an optional holds; anything else is its own content.
	 */
	static @Nullable Object content(@Nullable Object value) {
		if (value instanceof Optional<?> optional) {
			return optional.orElse(null);
		}
		if (value instanceof OptionalInt optional) {
			return optional.isPresent() ? optional.getAsInt() : null;
		}
		if (value instanceof OptionalLong optional) {
			return optional.isPresent() ? optional.getAsLong() : null;
		}
		if (value instanceof OptionalDouble optional) {
			return optional.isPresent() ? optional.getAsDouble() : null;
		}
		return value;
	}

	/**
	 * A level.
	 *
	 * @param level the level
	 */
	record OfLevel(Level level) implements Operand {

		@Override
		public boolean matches(Object value) {
			return compare(value) == 0;
		}

		@Override
		public int compare(Object value) {
			return (value instanceof Level other) ? other.compareTo(this.level) : INCOMPARABLE;
		}

		@Override
		public String toString() {
			return this.level.toString();
		}

	}

	/**
	 * A kind.
	 *
	 * @param kind the kind
	 */
	record OfKind(Kind kind) implements Operand {

		@Override
		public boolean matches(Object value) {
			return value == this.kind;
		}

		@Override
		public String toString() {
			return this.kind.toString();
		}

	}

	/**
	 * Names of one pattern.
	 *
	 * @param pattern the pattern
	 */
	record Names(NamePattern pattern) implements Operand {

		@Override
		public boolean matches(Object value) {
			return value instanceof String name && this.pattern.matches(name);
		}

		@Override
		public String toString() {
			return Quotes.pattern(this.pattern.toString());
		}

	}

	/**
	 * A text.
	 *
	 * @param text the text
	 */
	record Text(String text) implements Operand {

		/**
		 * The text that a value is, as outputs write it; {@code null} of numbers, truth
		 * values and what holds other values.
		 */
		static @Nullable String of(Object value) {
			if (value instanceof String text) {
				return text;
			}
			if (value instanceof Number || value instanceof Boolean || value instanceof Map<?, ?>
					|| value instanceof Collection<?> || value.getClass().isArray()) {
				return null;
			}
			return (value instanceof Enum<?> constant && !(value instanceof Kind)) ? constant.name() : value.toString();
		}

		@Override
		public boolean matches(Object value) {
			return this.text.equals(of(value));
		}

		@Override
		public String toString() {
			return Quotes.literal(this.text);
		}

	}

	/**
	 * A truth value.
	 *
	 * @param value the truth value
	 */
	record Bool(boolean value) implements Operand {

		@Override
		public boolean matches(Object other) {
			return other instanceof Boolean bool && bool == this.value;
		}

		@Override
		public String toString() {
			return Boolean.toString(this.value);
		}

	}

	/**
	 * A number.
	 *
	 * @param exact the number, without trailing zeros
	 * @param floor the integer that is not above it and next to it, within a {@code long}
	 * @param isLong whether the floor is the number
	 * @param nearest the {@code double} next to it
	 * @param nearestFloat the {@code float} next to it: 0.1 is to equal what was written
	 * as 0.1
	 */
	record Num(BigDecimal exact, long floor, boolean isLong, double nearest, float nearestFloat) implements Operand {

		private static final int MAX_DIGITS = 40;

		private static final int MAX_SCALE = 400;

		private static final BigDecimal LEAST = BigDecimal.valueOf(Long.MIN_VALUE);

		private static final BigDecimal MOST = BigDecimal.valueOf(Long.MAX_VALUE);

		/**
		 * An integer of more bits is beyond every operand.
		 */
		private static final int MAX_BITS = 1_100;

		static Num of(Number number) {
			BigDecimal exact = decimal(number).stripTrailingZeros();
			if (exact.precision() > MAX_DIGITS || Math.abs((long) exact.scale()) > MAX_SCALE
					|| Double.isInfinite(exact.doubleValue())) {
				throw new IllegalArgumentException("'" + cut(number.toString()) + "' is not a number to compare with: "
						+ "allowed are up to " + MAX_DIGITS + " digits, between -1.7e308 and 1.7e308");
			}
			BigDecimal floor = exact.setScale(0, RoundingMode.FLOOR).max(LEAST).min(MOST);
			return new Num(exact, floor.longValueExact(), floor.compareTo(exact) == 0, exact.doubleValue(),
					exact.floatValue());
		}

		private static BigDecimal decimal(Number number) {
			try {
				return (number instanceof BigDecimal decimal) ? decimal : new BigDecimal(number.toString());
			}
			catch (NumberFormatException ex) {
				throw new IllegalArgumentException(
						"'" + cut(number.toString()) + "' is not a number to compare with: it is not finite", ex);
			}
		}

		private static String cut(String text) {
			return (text.length() > 60) ? text.substring(0, 60) + "…" : text;
		}

		@Override
		public boolean matches(Object value) {
			return compare(value) == 0;
		}

		@Override
		public int compare(Object value) {
			if (!(value instanceof Number number)) {
				return INCOMPARABLE;
			}
			if (value instanceof Integer || value instanceof Long || value instanceof Short || value instanceof Byte
					|| value instanceof AtomicInteger || value instanceof AtomicLong || value instanceof LongAdder) {
				return compare(number.longValue());
			}
			if (value instanceof BigDecimal decimal) {
				return decimal.compareTo(this.exact);
			}
			if (value instanceof BigInteger integer) {
				return (integer.bitLength() > MAX_BITS) ? integer.signum()
						: new BigDecimal(integer).compareTo(this.exact);
			}
			return (value instanceof Float single) ? compare(single, this.nearestFloat)
					: compare(number.doubleValue(), this.nearest);
		}

		private int compare(long value) {
			if (this.isLong) {
				return Long.compare(value, this.floor);
			}
			boolean belowEveryLong = this.floor == Long.MIN_VALUE && this.exact.compareTo(LEAST) < 0;
			return (value > this.floor || belowEveryLong) ? 1 : -1;
		}

		private static int compare(double value, double operand) {
			if (value < operand) {
				return -1;
			}
			if (value > operand) {
				return 1;
			}
			return (value == operand) ? 0 : INCOMPARABLE;
		}

		@Override
		public String toString() {
			return this.exact.toString();
		}

	}

}
