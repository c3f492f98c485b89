package io.telemetry.filter;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

import io.telemetry.signal.Kind;
import io.telemetry.signal.Level;
import io.telemetry.signal.Measurement;
import io.telemetry.signal.Signal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * {@link ExpressionParser}.
 */
class ExpressionParserTests {

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
			``                              | expression is empty          | always
			level >= wran                   | column 10: 'wran'            | trace, debug, info
			level >=                        | column 9: found the end      | expected
			level                           | column 6: found the end      | is present
			level contains 'x'              | column 7: 'contains'         | <, <=, >, >=
			level is present                | column 7: 'is'               | =, !=
			level like 'w*'                 | column 7: 'like'             | in, not in
			level >= 1.5                    | column 10: '1.5'             | integer
			level = true                    | column 9: 'true'             | trace, debug
			kind = logs                     | column 8: 'logs'             | metric
			kind < log                      | column 6: '<'                | =, !=, in
			colour = 'red'                  | column 1: there is no field 'colour' | data.<key>
			data = 'red'                    | column 1: 'data' needs       | data.user.name
			data. = 1                       | column 6: after '.'          | in quotes
			data.a.b.c.d.e.f.g.h.i = 1      | column 1                     | has 9
			ns = 'a(b'                      | column 6: 'a(b'              | name pattern
			ns = ''                         | column 6                     | 1 to 256
			ns = com.acme                   | found com.acme               | texts need quotes
			ns is absent                    | 'is' makes no sense of ns | like
			ns = 5                          | column 6: 5 is                | in quotes
			msg = 5                         | column 7                     | a text in quotes
			msg = '*'                       | '*' stands for itself        | like
			data.x in ('a', 'b*')           | column 17: '*'               | \\*
			data.x like 'a\\*b'             | column 13                    | stands for anything
			data.x like ''                  | column 13: ''                | 1 to 256
			data.x like 5                   | found 5                      | pattern in quotes
			data.x < '5'                    | column 10: '5' has no order  | takes a number
			data.x > true                   | column 10: true has no order | takes a number
			value = 'x'                     | column 9: 'x'                | a number
			sampleRate is present           | 'is' makes no sense  | <
			error = 'x'                     | column 7: '='                | is present, is absent
			data.x in ()                    | column 12: found )           | text in quotes
			data.x in ('a' 'b')             | found 'b'                    | ',' or ')'
			data.x in 'a'                   | found 'a'                    | '('
			(level = info                   | found the end                | '(' in column 1
			level = info)                   | column 13: found )           | the end
			level = info kind = log         | found kind                   | 'and', 'or'
			level = info and                | found the end                | a condition
			and level = info                | column 1: found and          | a condition
			not                             | column 4: found the end      | a condition
			level == info                   | column 7: found ==           | expected =
			level <> info                   | column 7: found <>           | !=
			level = info && kind = log      | column 14: found &           | expected
			!level = info                   | column 1: found !            | 'not'
			data.x = 'open                  | column 10                    | no closing '
			data.x = 'a\\q'                 | column 12: after \\          | n r t u
			data.x = '\\u12g4'              | column 11                    | hexadecimal
			data.x = 100ms                  | column 10: '100ms'           | not a number
			data.x = 1.2.3                  | '1.2.3'                      | not a number
			data.x = -                      | column 10: '-'               | not a number
			data.x = 1e400                  | column 10                    | 1.7e308
			data.x = 1e99999999999          | column 10                    | not a number
			data.x is odd                   | found odd                    | 'present' or 'absent'
			data.x not = 5                  | found =                      | not in
			data.x ~ 'a'                    | column 8: found ~            | an operator
			level in (warn, loud)           | column 17: 'loud'            | trace
			""")
	void whatMakesNoSenseIsRefusedWithItsPlaceAndWhatIsAllowed(String expression, String found, String allowed) {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> SignalPredicate.parse((expression != null) ? expression : ""))
			.withMessageContaining(found)
			.withMessageContaining(allowed);
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
			LEVEL_OK: level>=WARN AND NOT kind IN(metric,spy)  | level >= warn and kind not in (metric, spy)
			(level = 50 or level = 55) and (msg present)       | (level = info or level = 55) and msg is present
			not (not (not (msg absent)))                       | msg is present
			a: data."x y".z != "it's" or always and host='h'   | data.'x y'.z != 'it\\'s' or host = 'h'
			not data.x < 5.0                                   | not data.x < 5
			msg contains '\\u202ea\\n\\*'                      | msg contains '\\u202ea\\u000a\\*'
			ns not like 'a*' and id = ':b'                     | ns != 'a*' and id = ':b'
			not (level = info and msg = 'x')                   | not (level = info and msg = 'x')
			""")
	void textIsAnEquivalentExpression(String expression, String text) {
		String asked = expression.replaceFirst("^\\w+: ", "");
		assertThat(SignalPredicate.parse(asked)).hasToString(text);
		assertThat(SignalPredicate.parse(text)).isEqualTo(SignalPredicate.parse(asked)).hasToString(text);
	}

	@Test
	void andBindsStrongerThanOr() {
		assertThat(SignalPredicate.parse("level = info or level = warn and msg = 'x'"))
			.isEqualTo(SignalPredicate.parse("level = info or (level = warn and msg = 'x')"))
			.isNotEqualTo(SignalPredicate.parse("(level = info or level = warn) and msg = 'x'"));
	}

	@Test
	void lengthIsBounded() {
		String longest = "msg = '" + "x".repeat(ExpressionParser.MAX_LENGTH - 8) + "'";
		assertThat(SignalPredicate.parse(longest)).hasToString(longest);
		assertThatIllegalArgumentException().isThrownBy(() -> SignalPredicate.parse(longest + " "))
			.withMessageContaining("at most 4096 characters, not 4097");
	}

	@Test
	void nestingIsBounded() {
		assertThat(SignalPredicate.parse("(".repeat(64) + "msg present" + ")".repeat(64)))
			.hasToString("msg is present");
		assertThat(SignalPredicate.parse("not ".repeat(63) + "msg present")).hasToString("msg is absent");
		assertThatIllegalArgumentException().isThrownBy(() -> SignalPredicate.parse("(".repeat(4_000)))
			.withMessageContaining("column 65")
			.withMessageContaining("at most 64 deep");
		assertThatIllegalArgumentException().isThrownBy(() -> SignalPredicate.parse("not ".repeat(1_000)))
			.withMessageContaining("at most 64 deep");
		assertThat(SignalPredicate.parse("(msg present) and ".repeat(200) + "(not msg present)")).isNotNull();
	}

	@Test
	void messageStaysOnItsLine() {
		assertThatIllegalArgumentException().isThrownBy(() -> SignalPredicate.parse("level = 'a\n\u202eb'"))
			.satisfies((failure) -> assertThat(failure.getMessage()).doesNotContain("\n", "\u202e"));
	}

	@Test
	void textOfARandomPredicateDecidesAsThePredicate() {
		Generator generator = new Generator(7);
		int yes = 0;
		for (int i = 0; i < 3_000; i++) {
			SignalPredicate predicate = generator.predicate(0);
			String text = predicate.toString();
			SignalPredicate read = SignalPredicate.parse(text);
			assertThat(read).as(text).hasToString(text).isEqualTo(predicate);
			for (int j = 0; j < 10; j++) {
				Signal signal = generator.signal();
				boolean passes = predicate.test(signal);
				assertThat(read.test(signal)).as("%s of %s", text, signal).isEqualTo(passes);
				Decision decision = predicate.decide(signal.level(), signal.kind(), signal.namespace(), signal.id());
				assertThat(decision).as("%s of %s", text, signal)
					.isIn(Decision.UNKNOWN, passes ? Decision.YES : Decision.NO);
				yes += passes ? 1 : 0;
			}
		}
		assertThat(yes).isBetween(3_000, 27_000);
	}

	@Test
	void noTextDoesMoreThanBeRefused() {
		Generator generator = new Generator(11);
		Signal signal = generator.signal();
		for (int i = 0; i < 20_000; i++) {
			String text = generator.mutated();
			try {
				SignalPredicate.parse(text).test(signal);
			}
			catch (IllegalArgumentException ex) {
				assertThat(ex.getMessage()).as(text).isNotBlank().hasSizeLessThan(1_500);
			}
		}
	}

	/**
	 * Predicates and signals that meet each other often enough; the same for the same
	 * seed.
	 */
	private static final class Generator {

		private static final String[] NAMES = { "a", "b.c", "a.b.Shop", "shop/x", "" };

		private static final String[] TEXTS = { "a", "b", "5", "it's", "*", "a*b", "\\", "\n", "\u202e", "true", "",
				"\ud83d\ude00" };

		private static final String[] KEYS = { "x", "y", "my key", "a.b", "not", "'", "\ud83d\ude00" };

		private static final String[] PIECES = { " and ", " or ", "not ", "(", ")", "level", ">=", "=", "'", "\"", "\\",
				"data.", ".", ",", " in ", "like", "1e9", "-", "\u0000", "\ud800", "kind", " is ", "*" };

		private final Random random;

		Generator(long seed) {
			this.random = new Random(seed);
		}

		private <T> T one(T[] of) {
			return of[this.random.nextInt(of.length)];
		}

		SignalPredicate predicate(int depth) {
			return switch (this.random.nextInt((depth < 5) ? 8 : 5)) {
				case 5 -> predicate(depth + 1).and(predicate(depth + 1));
				case 6 -> predicate(depth + 1).or(predicate(depth + 1));
				case 7 -> predicate(depth + 1).negate();
				default -> (this.random.nextInt(40) == 0) ? SignalPredicate.ALWAYS : comparison();
			};
		}

		private SignalPredicate comparison() {
			return switch (this.random.nextInt(5)) {
				case 0 -> ordered(SignalField.LEVEL, Level.of(10 * this.random.nextInt(10)));
				case 1 -> SignalField.KIND.isIn(list(Kind.values()));
				case 2 -> name(this.random.nextBoolean() ? SignalField.NS : SignalField.ID);
				case 3 -> ordered(SignalField.of("value"), number());
				default -> any(this.random.nextBoolean() ? SignalField.data(path()) : SignalField.context(path()));
			};
		}

		private String[] path() {
			String[] path = new String[1 + this.random.nextInt(2)];
			for (int i = 0; i < path.length; i++) {
				path[i] = one(KEYS);
			}
			return path;
		}

		private SignalPredicate ordered(SignalField field, Object operand) {
			return switch (this.random.nextInt(5)) {
				case 0 -> field.isLessThan(operand);
				case 1 -> field.isAtMost(operand);
				case 2 -> field.isGreaterThan(operand);
				case 3 -> field.isAtLeast(operand);
				default -> field.isEqualTo(operand);
			};
		}

		private SignalPredicate name(SignalField field) {
			return switch (this.random.nextInt(3)) {
				case 0 -> field.contains(one(TEXTS));
				case 1 -> field.isLike("*." + one(new String[] { "c", "Shop" }));
				default -> field.isIn(list(new String[] { "a", "a(.*)", "b*", ":shop/*", "*" }));
			};
		}

		private SignalPredicate any(SignalField field) {
			return switch (this.random.nextInt(6)) {
				case 0 -> field.isPresent();
				case 1 -> field.isLike("*" + one(TEXTS));
				case 2 -> field.contains(value());
				case 3 -> ordered(field, number());
				case 4 -> field.isIn(list(new Object[] { value(), value(), value() }));
				default -> field.isEqualTo(value());
			};
		}

		private <T> List<T> list(T[] of) {
			List<T> list = new ArrayList<>();
			for (int i = this.random.nextInt(3); i >= 0; i--) {
				list.add(one(of));
			}
			return list;
		}

		private Number number() {
			return switch (this.random.nextInt(4)) {
				case 0 -> this.random.nextInt(3);
				case 1 -> this.random.nextInt(3) / 2d;
				case 2 -> this.random.nextLong();
				default -> this.random.nextGaussian();
			};
		}

		private Object value() {
			return switch (this.random.nextInt(4)) {
				case 0 -> number();
				case 1 -> this.random.nextBoolean();
				default -> one(TEXTS);
			};
		}

		private Map<String, Object> fields(int depth) {
			Map<String, Object> fields = new LinkedHashMap<>();
			for (int i = this.random.nextInt(5); i > 0; i--) {
				fields.put(one(KEYS), switch (this.random.nextInt(6)) {
					case 0 -> (depth < 2) ? fields(depth + 1) : "deep";
					case 1 -> List.of(value(), value());
					default -> value();
				});
			}
			return fields;
		}

		Signal signal() {
			return Signal.builder(Level.of(5 * this.random.nextInt(20)), one(Kind.values()), one(NAMES))
				.id(this.random.nextBoolean() ? one(NAMES) : null)
				.data(fields(0))
				.context(fields(0))
				.measurement(new Measurement(this.random.nextInt(3), null, Map.of()))
				.build();
		}

		/**
		 * An expression with a few pieces put in, taken out or doubled.
		 */
		String mutated() {
			StringBuilder text = new StringBuilder(predicate(2).toString());
			for (int i = this.random.nextInt(5); i >= 0; i--) {
				int at = this.random.nextInt(text.length() + 1);
				int end = Math.min(text.length(), at + this.random.nextInt(6));
				switch (this.random.nextInt(3)) {
					case 0 -> text.insert(at, one(PIECES));
					case 1 -> text.delete(at, end);
					default -> text.insert(at, text.substring(at, end));
				}
			}
			return text.toString();
		}

	}

}
