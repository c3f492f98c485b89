package io.telemetry.signal;

import java.io.IOException;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class SignalTests {

	@Test
	void laterChangesOfAGivenMapDoNotReachTheSignal() {
		Map<String, Object> data = new LinkedHashMap<>();
		data.put("a", 1);
		data.put("none", null);
		Signal signal = Signal.builder(Level.INFO, Kind.LOG, "ns").data(data).build();
		data.put("b", 2);
		assertThat(signal.data()).containsExactly(Map.entry("a", 1),
				new java.util.AbstractMap.SimpleEntry<>("none", null));
		assertThatExceptionOfType(UnsupportedOperationException.class).isThrownBy(() -> signal.data().put("c", 3));
	}

	@Test
	void mapsThatCanNotChangeAreNotCopied() {
		Map<String, Integer> one = Map.of("a", 1);
		Map<String, Integer> two = Map.of("a", 1, "b", 2);
		assertThat(Signal.builder(Level.INFO, Kind.LOG, "ns").data(one).build().data()).isSameAs(one);
		assertThat(Signal.builder(Level.INFO, Kind.LOG, "ns").data(two).build().data()).isSameAs(two);
	}

	@Test
	void copyHoldsEverything() {
		Signal signal = Signal.builder(Level.WARN, Kind.METRIC, "ns")
			.timestamp(Instant.EPOCH)
			.id(":app/x")
			.message("m")
			.data(Map.of("d", 1))
			.context(Map.of("c", 1))
			.throwable(new IOException("x"))
			.location(new Location("C", "m", "C.java", 3))
			.threadName("t")
			.service(new ServiceIdentity("n", "v", "e", "i", "r", "h"))
			.sampleRate(0.5)
			.suppressed(3)
			.measurement(new Measurement(1, "ms", Map.of()))
			.run(new Run("t", "s", "p", "r", null, "x"))
			.build();
		assertThat(signal.id()).isEqualTo("app/x");
		assertThat(signal.toBuilder().build()).usingRecursiveComparison().ignoringFields("sequence").isEqualTo(signal);
	}

	@Test
	void builderThatGoesOnChangesNoSignalThatItBuilt() {
		Signal.Builder builder = Signal.builder(Level.INFO, Kind.LOG, "ns").message("first");
		Signal first = builder.build();
		Signal second = builder.message("second").data(Map.of("a", 1)).build();
		Signal third = builder.build();
		assertThat(first.message()).isEqualTo("first");
		assertThat(first.data()).isEmpty();
		assertThat(second.message()).isEqualTo("second");
		assertThat(third.data()).isEqualTo(Map.of("a", 1));
		assertThat(java.util.Set.of(first.uid(), second.uid(), third.uid())).hasSize(3);
	}

	@Test
	void fieldsAreCopiedKeepTheirOrderAndCannotChange() {
		Map<String, Object> few = new java.util.LinkedHashMap<>();
		few.put("b", 1);
		few.put("a", null);
		Map<String, Object> many = new java.util.LinkedHashMap<>();
		for (int i = 0; i < 40; i++) {
			many.put("k" + (40 - i), i);
		}
		for (Map<String, Object> fields : java.util.List.of(few, many)) {
			Map<String, Object> expected = new java.util.LinkedHashMap<>(fields);
			Signal signal = Signal.builder(Level.INFO, Kind.LOG, "ns").data(fields).build();
			fields.clear();
			assertThat(signal.data()).isEqualTo(expected).hasSize(expected.size());
			assertThat(signal.data().keySet()).containsExactlyElementsOf(expected.keySet());
			expected.forEach((name, value) -> {
				assertThat(signal.data().containsKey(name)).isTrue();
				assertThat(signal.data().get(name)).isEqualTo(value);
			});
			assertThat(signal.data().get("absent")).isNull();
			assertThatExceptionOfType(UnsupportedOperationException.class).isThrownBy(() -> signal.data().put("x", 1));
			assertThatExceptionOfType(UnsupportedOperationException.class)
				.isThrownBy(() -> signal.data().entrySet().iterator().next().setValue(2));
			assertThat(signal.toBuilder().build().data()).isSameAs(signal.data());
		}
	}

	@Test
	void sampleRateOutsideItsRangeIsRefused() {
		assertThatIllegalArgumentException().isThrownBy(() -> Signal.builder(Level.INFO, Kind.LOG, "ns").sampleRate(0));
		assertThatIllegalArgumentException()
			.isThrownBy(() -> Signal.builder(Level.INFO, Kind.LOG, "ns").sampleRate(Double.NaN));
	}

	@Test
	void timesThatNoUidCanHoldSortFirstOrLast() {
		Uid first = Signal.builder(Level.INFO, Kind.LOG, "ns").timestamp(Instant.MIN).build().uid();
		Uid now = Signal.builder(Level.INFO, Kind.LOG, "ns").build().uid();
		Uid last = Signal.builder(Level.INFO, Kind.LOG, "ns").timestamp(Instant.MAX).build().uid();
		assertThat(List.of(first, now, last)).isSorted();
	}

	@Test
	void negativeNumberOfSuppressedSignalsIsRefused() {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> Signal.builder(Level.INFO, Kind.LOG, "ns").suppressed(-1));
	}

	@Test
	void exceptionBecomesDataWithCausesAndSuppressed() {
		Exception cause = new IllegalStateException("inner");
		Exception outer = new IOException("outer", cause);
		outer.addSuppressed(new IllegalArgumentException("beside"));
		ErrorData error = Signal.builder(Level.ERROR, Kind.ERROR, "ns").throwable(outer).build().error();
		assertThat(error).isNotNull();
		assertThat(error.type()).isEqualTo("java.io.IOException");
		assertThat(error.message()).isEqualTo("outer");
		assertThat(error.stack()).startsWith("at io.telemetry.signal.SignalTests.");
		assertThat(error.cause()).isNotNull();
		assertThat(error.cause().message()).isEqualTo("inner");
		assertThat(error.suppressed()).extracting(ErrorData::message).containsExactly("beside");
	}

	@Test
	void cyclesOfCausesEnd() {
		Exception first = new Exception("first");
		Exception second = new Exception("second", first);
		first.initCause(second);
		first.addSuppressed(second);
		ErrorData error = ErrorData.of(first);
		assertThat(error.cause()).isNotNull();
		assertThat(error.cause().message()).isEqualTo("second");
		assertThat(error.cause().cause()).isNull();
		assertThat(error.suppressed()).isEmpty();
	}

	@Test
	void longChainsOfCausesAreCut() {
		Exception chain = null;
		for (int i = 0; i < 1000; i++) {
			chain = new Exception("e" + i, chain);
		}
		int depth = 0;
		for (ErrorData error = ErrorData.of(chain); error != null; error = error.cause()) {
			depth++;
		}
		assertThat(depth).isEqualTo(ErrorData.MAX_DEPTH + 1);
	}

	@Test
	void exceptionWhoseMethodsThrowIsStillTold() {
		Exception hostile = new Exception() {

			private static final long serialVersionUID = 1L;

			@Override
			public String getMessage() {
				throw new IllegalStateException();
			}

			@Override
			public synchronized Throwable getCause() {
				throw new NoClassDefFoundError();
			}

			@Override
			public StackTraceElement[] getStackTrace() {
				throw new IllegalStateException();
			}

		};
		ErrorData error = ErrorData.of(hostile);
		assertThat(error.message()).isEqualTo("(getMessage threw java.lang.IllegalStateException)");
		assertThat(error.stack()).isNull();
		assertThat(error.cause()).isNull();
	}

	@Test
	void endlessStacksAreCut() {
		Exception deep = new Exception("deep");
		StackTraceElement[] frames = new StackTraceElement[5000];
		Arrays.fill(frames, new StackTraceElement("C", "m", "C.java", 1));
		deep.setStackTrace(frames);
		assertThat(ErrorData.of(deep).stack()).endsWith("... " + (5000 - ErrorData.MAX_FRAMES) + " more");
	}

	@Test
	void fingerprintIsThatOfTheErrorAndWorkedOutOnce() {
		Signal signal = Signal.builder(Level.ERROR, Kind.ERROR, "a").throwable(new IllegalStateException("no")).build();
		assertThat(signal.fingerprint()).isEqualTo(signal.error().fingerprint()).isSameAs(signal.fingerprint());
		ErrorData browser = ErrorData.of("TypeError", "x is undefined", null);
		assertThat(Signal.builder(Level.ERROR, Kind.ERROR, "a").error(browser).build().fingerprint())
			.isEqualTo(browser.fingerprint());
		assertThat(Signal.builder(Level.INFO, Kind.LOG, "a").build().fingerprint()).isNull();
	}

	@Test
	void memoIsNoPartOfCopies() {
		Signal signal = Signal.builder(Level.INFO, Kind.LOG, "a").build();
		assertThat(signal.memo()).isNull();
		signal.memo("made of it");
		assertThat(signal.memo()).isEqualTo("made of it");
		assertThat(signal.toBuilder().build().memo()).isNull();
	}

	@Test
	void whetherTheLogHasItSurvivesEveryCopy() {
		Signal signal = Signal.builder(Level.INFO, Kind.LOG, "test").logged(true).build();
		assertThat(signal.isLogged()).isTrue();
		assertThat(signal.error()).isNull();
		assertThat(signal.toBuilder().message("m").build().isLogged()).isTrue();
		Signal failed = signal.toBuilder().throwable(new IllegalStateException("x")).build();
		assertThat(failed.isLogged()).isTrue();
		assertThat(failed.error()).isNotNull();
		assertThat(failed.toBuilder().throwable(null).build().isLogged()).isTrue();
		assertThat(failed.toBuilder().throwable(null).build().error()).isNull();
		Signal told = signal.toBuilder().error(ErrorData.of("TypeError", "m", null)).build();
		assertThat(told.isLogged()).isTrue();
		assertThat(told.toBuilder().error(null).build().isLogged()).isTrue();
		Signal unsaid = told.toBuilder().logged(false).build();
		assertThat(unsaid.isLogged()).isFalse();
		assertThat(unsaid.error()).isEqualTo(told.error());
		assertThat(Signal.builder(Level.INFO, Kind.LOG, "test").build().isLogged()).isFalse();
	}

	@Test
	void copiesHaveTheDeliveryWhateverElseIsSetOrMade() {
		Delivery delivery = new Delivery() {

			@Override
			public void hold() {
			}

			@Override
			public void done() {
			}

			@Override
			public void abandon() {
			}

		};
		Signal kept = Signal.builder(Level.INFO, Kind.LOG, "ns").delivery(delivery).build();
		assertThat(kept.delivery()).isSameAs(delivery);
		kept.memo("encoded");
		assertThat(kept.toBuilder().error(ErrorData.of("Error", "no", null)).build().delivery()).isSameAs(delivery);
		assertThat(kept.toBuilder().throwable(new IllegalStateException()).build().delivery()).isSameAs(delivery);
		assertThat(kept.toBuilder().logged(true).build().delivery()).isSameAs(delivery);
		Signal logged = kept.toBuilder().logged(true).delivery(null).build();
		assertThat(logged.delivery()).isNull();
		assertThat(logged.isLogged()).isTrue();
		assertThat(Signal.builder(Level.INFO, Kind.LOG, "ns").build().delivery()).isNull();
	}

}
