package io.telemetry.filter;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class NamePatternTests {

	@ParameterizedTest
	@CsvSource(textBlock = """
			a,          a,       true
			a,          ab,      false
			a,          A,       false
			*,          a.b,     true
			*,          '',      true
			**,         '',      true
			a.*,        a,       false
			a.*,        a.b,     true
			a.*,        a.,      true
			a(.*),      a,       true
			a(.*),      a.b.c,   true
			a(.*),      ab,      false
			*.b(.*),    a.b,     true
			*.b(.*),    a.b.c,   true
			*.b(.*),    a.bc,    false
			*Service,   a.MyService,  true
			*Service,   a.MyServices, false
			a*a,        a,       false
			a*a,        aa,      true
			*ab*ab*,    ab,      false
			*ab*ab*,    xabyabz, true
			a*b*c,      abcbc,   true
			a*bb*b,     abb,     false
			app/*,      app/login, true
			:app/login, app/login, true
			:app/login, :app/login, false
			a.b,        axb,     false
			""")
	void namesMatchAsThePatternSays(String pattern, String name, boolean matches) {
		assertThat(NamePattern.of(pattern).matches(name)).isEqualTo(matches);
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "  ", ":", "(.*)", ":(.*)", "a(.*)b", "a(", "a)", "a()", "(a)", "a(*)", "a(.*)(.*)" })
	void aTextThatIsNoPatternIsRefusedWithWhatIsAllowed(String text) {
		assertThatIllegalArgumentException().isThrownBy(() -> NamePattern.of(text))
			.withMessageContaining("'" + text + "' is not a name pattern")
			.withMessageContaining("1 to 256 characters")
			.withMessageContaining("'(.*)' at the end");
	}

	@Test
	void aTextOf256CharactersIsAPatternAndALongerOneIsNot() {
		assertThat(NamePattern.of("a".repeat(256)).matches("a".repeat(256))).isTrue();
		assertThatIllegalArgumentException().isThrownBy(() -> NamePattern.of("a".repeat(257)));
	}

	@ParameterizedTest
	@CsvSource({ "a.b,a.b", "a.b.*,a.b.", "a.b(.*),a.b", "*,''", ":app/x*,app/x", "a*b(.*),a" })
	void theLiteralPrefixEndsAtTheFirstSpecialCharacter(String pattern, String prefix) {
		assertThat(NamePattern.of(pattern).literalPrefix()).isEqualTo(prefix);
	}

	@Test
	void thePatternIsWrittenAsItWasGiven() {
		assertThat(NamePattern.of(":app/*")).hasToString(":app/*").isEqualTo(NamePattern.of(" :app/* "));
	}

	@Test
	void randomPatternsMatchWhatTheEquivalentRegexDoes() {
		Random random = new Random(20260101);
		for (int i = 0; i < 200_000; i++) {
			String text = randomText(random, "ab.**", 8, 1) + (random.nextInt(3) == 0 ? "(.*)" : "");
			String name = randomText(random, "ab.", 10, 0);
			assertThat(NamePattern.of(text).matches(name)).as("'%s' matches '%s'", text, name)
				.isEqualTo(regex(text).matcher(name).matches());
		}
	}

	@Test
	void twoPatternsOverlapWhenSomeNameMatchesBoth() {
		// Names up to 7 characters are enough to tell: five literals and two that come of
		// "(.*)" are the most that a shortest common name of these patterns needs.
		List<String> names = new ArrayList<>(List.of(""));
		for (int i = 0; i < names.size() && names.get(i).length() < 7; i++) {
			for (char c : "ab.".toCharArray()) {
				names.add(names.get(i) + c);
			}
		}
		Random random = new Random(42);
		for (int i = 0; i < 2_000; i++) {
			String first = randomText(random, "ab.*", 3, 1) + (random.nextInt(3) == 0 ? "(.*)" : "");
			String second = randomText(random, "ab.*", 3, 1) + (random.nextInt(3) == 0 ? "(.*)" : "");
			NamePattern one = NamePattern.of(first);
			NamePattern other = NamePattern.of(second);
			boolean expected = names.stream().anyMatch((name) -> one.matches(name) && other.matches(name));
			assertThat(one.overlaps(other)).as("'%s' overlaps '%s'", first, second).isEqualTo(expected);
			assertThat(other.overlaps(one)).as("'%s' overlaps '%s'", second, first).isEqualTo(expected);
		}
	}

	@Test
	void aPatternOfManyStarsIsDecidedAtOnce() {
		String manyStars = "*a".repeat(127) + "*b";
		assertThat(NamePattern.of(manyStars).matches("a".repeat(100_000))).isFalse();
		assertThat(NamePattern.of(manyStars).overlaps(NamePattern.of("*b".repeat(127) + "*a"))).isFalse();
	}

	private static Pattern regex(String text) {
		String base = text.endsWith("(.*)") ? text.substring(0, text.length() - 4) : text;
		StringBuilder regex = new StringBuilder();
		for (char c : base.toCharArray()) {
			regex.append((c == '*') ? ".*" : Pattern.quote(String.valueOf(c)));
		}
		return Pattern.compile(regex + (text.endsWith("(.*)") ? "(\\..*)?" : ""), Pattern.DOTALL);
	}

	private static String randomText(Random random, String alphabet, int most, int least) {
		StringBuilder text = new StringBuilder();
		int length = least + random.nextInt(most - least + 1);
		for (int i = 0; i < length; i++) {
			text.append(alphabet.charAt(random.nextInt(alphabet.length())));
		}
		return text.toString();
	}

}
