package io.telemetry.filter;

import java.util.Collection;
import java.util.List;
import java.util.StringJoiner;

import org.jspecify.annotations.Nullable;

/**
 * What the value of a field is asked. May throw whatever the value's own methods throw.
 */
interface ValueTest {

	/**
	 * Whether a value passes.
	 */
	boolean matches(Object value);

	/**
	 * This test of a field, as an expression.
	 */
	String expression(String field);

	/**
	 * The opposite of this test, as an expression.
	 */
	String negated(String field);

	/**
	 * Any value at all.
	 */
	record Present() implements ValueTest {

		@Override
		public boolean matches(Object value) {
			return true;
		}

		@Override
		public String expression(String field) {
			return field + " is present";
		}

		@Override
		public String negated(String field) {
			return field + " is absent";
		}

	}

	/**
	 * One of some operands.
	 *
	 * @param operands one or more
	 */
	record OneOf(List<Operand> operands) implements ValueTest {

		@Override
		public boolean matches(Object value) {
			for (int i = 0; i < this.operands.size(); i++) {
				if (this.operands.get(i).matches(value)) {
					return true;
				}
			}
			return false;
		}

		@Override
		public String expression(String field) {
			return field + ((this.operands.size() == 1) ? " = " + this.operands.get(0) : " in " + list());
		}

		@Override
		public String negated(String field) {
			return field + ((this.operands.size() == 1) ? " != " + this.operands.get(0) : " not in " + list());
		}

		private String list() {
			StringJoiner list = new StringJoiner(", ", "(", ")");
			this.operands.forEach((operand) -> list.add(operand.toString()));
			return list.toString();
		}

	}

	/**
	 * More or less than an operand.
	 *
	 * @param order which of them
	 * @param operand a number or a level
	 */
	record Ordered(Order order, Operand operand) implements ValueTest {

		@Override
		public boolean matches(Object value) {
			int result = this.operand.compare(value);
			return result != Operand.INCOMPARABLE && this.order.allows(result);
		}

		@Override
		public String expression(String field) {
			return field + " " + this.order.text + " " + this.operand;
		}

		@Override
		public String negated(String field) {
			// Not the opposite order: of what is absent or no number both are false.
			return "not " + expression(field);
		}

	}

	/**
	 * A text that an operand is part of, or a collection that it is an element of.
	 *
	 * @param operand the part
	 */
	record Contains(Operand operand) implements ValueTest {

		@Override
		public boolean matches(Object value) {
			if (value instanceof Collection<?> elements) {
				for (Object element : elements) {
					if (element != null && this.operand.matches(element)) {
						return true;
					}
				}
				return false;
			}
			String text = (this.operand instanceof Operand.Text) ? Operand.Text.of(value) : null;
			return text != null && text.contains(((Operand.Text) this.operand).text());
		}

		@Override
		public String expression(String field) {
			return field + " contains " + this.operand;
		}

		@Override
		public String negated(String field) {
			return field + " not contains " + this.operand;
		}

	}

	/**
	 * A text that has a form.
	 *
	 * @param pattern the form, in which {@code *} stands for anything
	 * @param glob the same, compiled
	 */
	record Like(String pattern, Glob glob) implements ValueTest {

		@Override
		public boolean matches(Object value) {
			String text = Operand.Text.of(value);
			return text != null && this.glob.matches(text);
		}

		@Override
		public String expression(String field) {
			return field + " like " + Quotes.pattern(this.pattern);
		}

		@Override
		public String negated(String field) {
			return field + " not like " + Quotes.pattern(this.pattern);
		}

		@Override
		public boolean equals(@Nullable Object other) {
			return other instanceof Like like && this.pattern.equals(like.pattern);
		}

		@Override
		public int hashCode() {
			return this.pattern.hashCode();
		}

	}

	/**
	 * How a value stands to an operand.
	 */
	enum Order {

		/** Below the operand. */
		LESS("<"),

		/** Not above the operand. */
		AT_MOST("<="),

		/** Above the operand. */
		GREATER(">"),

		/** Not below the operand. */
		AT_LEAST(">=");

		final String text;

		Order(String text) {
			this.text = text;
		}

		boolean allows(int comparison) {
			return switch (this) {
				case LESS -> comparison < 0;
				case AT_MOST -> comparison <= 0;
				case GREATER -> comparison > 0;
				case AT_LEAST -> comparison >= 0;
			};
		}

	}

}
