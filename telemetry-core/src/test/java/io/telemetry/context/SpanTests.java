package io.telemetry.context;

import java.util.HashSet;
import java.util.Random;
import java.util.Set;

import io.telemetry.signal.Run;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullAndEmptySource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

/**
 * {@link Span}.
 */
class SpanTests {

	private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";

	private static final String SPAN = "00f067aa0ba902b7";

	@Test
	void rootHasIdsOfItsOwnAndNoParent() {
		Span root = Span.root();
		assertThat(root.traceId()).matches("[0-9a-f]{32}").isNotEqualTo("0".repeat(32));
		assertThat(root.spanId()).matches("[0-9a-f]{16}").isNotEqualTo("0".repeat(16));
		assertThat(root.parentId()).isNull();
		assertThat(root.rootId()).isEqualTo(root.spanId());
		assertThat(root.sampled()).isTrue();
	}

	@Test
	void childrenStayInTheTraceAndKnowParentAndRoot() {
		Span root = Span.root();
		Span child = root.child();
		Span grandchild = child.child();
		assertThat(grandchild.traceId()).isEqualTo(root.traceId());
		assertThat(child.parentId()).isEqualTo(root.spanId());
		assertThat(grandchild.parentId()).isEqualTo(child.spanId());
		assertThat(grandchild.rootId()).isEqualTo(child.rootId()).isEqualTo(root.spanId());
	}

	@Test
	void childOfASpanFromElsewhereIsTheOutermostHere() {
		Span remote = Span.of(TRACE, SPAN);
		assertThat(remote.parentId()).isNull();
		assertThat(remote.rootId()).isNull();
		Span child = remote.child();
		assertThat(child.traceId()).isEqualTo(TRACE);
		assertThat(child.parentId()).isEqualTo(SPAN);
		assertThat(child.rootId()).isEqualTo(child.spanId());
		assertThat(child.child().rootId()).isEqualTo(child.spanId());
	}

	@Test
	void spanOfAnotherTracerIsReadOrLeftOut() {
		Span span = Span.parse(TRACE, SPAN, "00f067aa0ba902b8", false);
		assertThat(span.place()).isEqualTo(new Run(TRACE, SPAN, "00f067aa0ba902b8", null, null, null));
		assertThat(span.sampled()).isFalse();
		assertThat(Span.parse(TRACE, SPAN, "", true).parentId()).isNull();
		assertThat(Span.parse(TRACE, SPAN, null, true).parentId()).isNull();
		assertThat(Span.parse("", "", null, true)).isNull();
		assertThat(Span.parse("0".repeat(32), SPAN, null, true)).isNull();
		assertThat(Span.parse(TRACE, SPAN.toUpperCase(java.util.Locale.ROOT), null, true)).isNull();
	}

	@Test
	void spanThatWasBegunHereByAnotherTracerHasItsPlaceHere() {
		Span span = Span.parse(TRACE, SPAN, null, true);
		assertThat(span.begunIn(null).rootId()).isEqualTo(SPAN);
		assertThat(span.begunIn(Span.root()).parentId()).isNull();
		Span outer = Span.of(TRACE, "00f067aa0ba902b8").child();
		Span inner = span.begunIn(outer);
		assertThat(inner.parentId()).isEqualTo(outer.spanId());
		assertThat(inner.rootId()).isEqualTo(outer.spanId());
		assertThat(inner.isWithin(outer)).isTrue();
	}

	@Test
	void spanIsWithinItselfAndWhatIsAroundItButNotTheOtherWayRound() {
		Span root = Span.root();
		Span inner = root.child().child();
		assertThat(inner.isWithin(root)).isTrue();
		assertThat(inner.isWithin(inner)).isTrue();
		assertThat(root.isWithin(inner)).isFalse();
		assertThat(inner.isWithin(root.child())).isFalse();
		assertThat(inner.isWithin(Span.of(TRACE, root.spanId()))).isFalse();
	}

	@Test
	void chainWithoutEndIsForgottenAtItsBeginning() {
		Span root = Span.root();
		Span span = root;
		for (int i = 0; i < 32; i++) {
			span = span.child();
		}
		assertThat(span.isWithin(root)).isTrue();
		assertThat(span.child().isWithin(root)).isFalse();
		assertThat(span.child().rootId()).isEqualTo(root.spanId());
	}

	@Test
	void idsDoNotRepeat() {
		Set<String> ids = new HashSet<>();
		for (int i = 0; i < 10_000; i++) {
			Span span = Span.root();
			assertThat(ids.add(span.spanId())).isTrue();
			assertThat(ids.add(span.traceId())).isTrue();
		}
	}

	@Test
	void placeIsMadeOnceAndHasTheIdsOnly() {
		Span child = Span.root().child();
		assertThat(child.place()).isSameAs(child.place())
			.isEqualTo(new Run(child.traceId(), child.spanId(), child.parentId(), child.rootId(), null, null));
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "4bf92f3577b34da6a3ce929d0e0e473", "4bf92f3577b34da6a3ce929d0e0e47361",
			"4BF92F3577B34DA6A3CE929D0E0E4736", "00000000000000000000000000000000", "4bf92f3577b34da6a3ce929d0e0e473g",
			"4bf92f3577b34da6a3ce929d0e0e473\u0660" })
	void traceIdOfAnotherFormIsRefused(String traceId) {
		assertThatIllegalArgumentException().isThrownBy(() -> Span.of(traceId, SPAN))
			.withMessage("The trace id '" + ((traceId.length() > 32) ? traceId.substring(0, 32) + "…" : traceId)
					+ "' of " + traceId.length()
					+ " characters is none: it must be 32 lower-case hexadecimal digits, not all zero");
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "00f067aa0ba902b", "00f067aa0ba902b77", "00F067AA0BA902B7", "0000000000000000" })
	void spanIdOfAnotherFormIsRefused(String spanId) {
		assertThatIllegalArgumentException().isThrownBy(() -> Span.of(TRACE, spanId))
			.withMessageContaining("span id '" + spanId + "'")
			.withMessageContaining("16 lower-case hexadecimal digits");
	}

	@Test
	void refusalOfAHugeIdIsShort() {
		assertThatIllegalArgumentException().isThrownBy(() -> Span.of("a".repeat(1_000_000), SPAN))
			.satisfies((ex) -> assertThat(ex.getMessage()).hasSizeLessThan(200));
	}

	@Test
	void missingIdIsRefused() {
		assertThatNullPointerException().isThrownBy(() -> Span.of(null, SPAN)).withMessage("trace id");
		assertThatNullPointerException().isThrownBy(() -> Span.of(TRACE, null)).withMessage("span id");
	}

	@ParameterizedTest
	@ValueSource(strings = { "00-" + TRACE + "-" + SPAN + "-01", "00-" + TRACE + "-" + SPAN + "-03",
			"01-" + TRACE + "-" + SPAN + "-01", "cc-" + TRACE + "-" + SPAN + "-01-what the future brings" })
	void validHeaderIsRead(String header) {
		Span span = Span.parseTraceparent(header);
		assertThat(span).isEqualTo(Span.of(TRACE, SPAN)).hasSameHashCodeAs(Span.of(TRACE, SPAN));
		assertThat(span.toTraceparent()).isEqualTo("00-" + TRACE + "-" + SPAN + "-01");
	}

	@Test
	void whatTheCallerDoesNotRecordIsHandedOnAsSuch() {
		Span span = Span.parseTraceparent("00-" + TRACE + "-" + SPAN + "-00");
		assertThat(span.sampled()).isFalse();
		assertThat(span).isNotEqualTo(Span.of(TRACE, SPAN));
		assertThat(span.child().toTraceparent()).startsWith("00-" + TRACE).endsWith("-00");
	}

	@ParameterizedTest
	@NullAndEmptySource
	@ValueSource(strings = { "00", "00-" + TRACE + "-" + SPAN, "00-" + TRACE + "-" + SPAN + "-1",
			"00-" + TRACE + "-" + SPAN + "-0g", "00-" + TRACE + "-" + SPAN + "-01-",
			"00-" + TRACE + "-" + SPAN + "-011", "01-" + TRACE + "-" + SPAN + "-011",
			"ff-" + TRACE + "-" + SPAN + "-01", "0g-" + TRACE + "-" + SPAN + "-01",
			"00-00000000000000000000000000000000-" + SPAN + "-01", "00-" + TRACE + "-0000000000000000-01",
			"00-4BF92F3577B34DA6A3CE929D0E0E4736-" + SPAN + "-01", "00_" + TRACE + "-" + SPAN + "-01",
			"00-" + TRACE + "_" + SPAN + "-01", "00-" + TRACE + "-" + SPAN + "_01", " 00-" + TRACE + "-" + SPAN + "-01",
			"00-" + TRACE + "-" + SPAN + "-01\n" })
	void headerOfAnotherFormIsNone(String header) {
		assertThat(Span.parseTraceparent(header)).isNull();
	}

	@Test
	void whatIsWrittenIsRead() {
		Span span = Span.root().child();
		assertThat(span.toTraceparent()).hasSize(55);
		Span read = Span.parseTraceparent(span.toTraceparent());
		assertThat(read).isEqualTo(Span.of(span.traceId(), span.spanId()));
	}

	@Test
	void changedHeadersAreReadAsTheyAreOrNotAtAll() {
		Random random = new Random(7);
		String alphabet = "0123456789abcdefABCDEFg-_ \u0000\ud83d\u0660";
		int read = 0;
		for (int i = 0; i < 100_000; i++) {
			StringBuilder header = new StringBuilder("00-" + TRACE + "-" + SPAN + "-01");
			for (int change = random.nextInt(3); change >= 0; change--) {
				int at = random.nextInt(header.length());
				char character = alphabet.charAt(random.nextInt(alphabet.length()));
				switch (random.nextInt(3)) {
					case 0 -> header.setCharAt(at, character);
					case 1 -> header.insert(at, character);
					default -> header.deleteCharAt(at);
				}
			}
			Span span = Span.parseTraceparent(header.toString());
			if (span != null) {
				read++;
				assertThat(header.substring(3, 52)).isEqualTo(span.traceId() + "-" + span.spanId());
				assertThat(Span.of(span.traceId(), span.spanId()).traceId()).isEqualTo(span.traceId());
			}
		}
		assertThat(read).isPositive();
		assertThat(Span.parseTraceparent("0".repeat(10_000_000))).isNull();
	}

}
