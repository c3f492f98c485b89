package io.telemetry.boot.context;

import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

import com.sun.management.ThreadMXBean;
import io.telemetry.boot.InvalidSettingException;
import io.telemetry.context.Scope;
import io.telemetry.context.SignalContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.MDC;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assumptions.assumeThat;

/**
 * {@link MdcContextSource} and {@link MdcContextMirror} with Logback's MDC.
 */
@SuppressWarnings("try")
class MdcContextTests {

	private final SignalContext context = SignalContext.EMPTY.with("order", 7).with("user", "ann");

	@BeforeEach
	void clear() {
		MDC.clear();
	}

	@AfterEach
	void nothingIsLeft() throws Exception {
		SignalContext.mirror(null);
		MDC.clear();
		var written = MdcContextMirror.class.getDeclaredField("WRITTEN");
		written.setAccessible(true);
		assertThat(((ThreadLocal<?>) written.get(null)).get()).isNull();
	}

	@Test
	void listedKeysThatAreSetAreReadInTheirOrder() {
		MdcContextSource source = new MdcContextSource(List.of("b", "a", "c"));
		MDC.put("a", "1");
		MDC.put("b", "2");
		MDC.put("secret", "3");
		assertThat(source.read()).containsExactly(Map.entry("b", "2"), Map.entry("a", "1"));
		MDC.clear();
		assertThat(source.read()).isEmpty();
	}

	@Test
	void readingAllocatesNothingWhereNoListedKeyIsSet() {
		ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
		assumeThat(threads.isThreadAllocatedMemorySupported() && threads.isThreadAllocatedMemoryEnabled()).isTrue();
		MdcContextSource source = new MdcContextSource(List.of("a", "b"));
		MDC.put("other", "1");
		read(source, 1_000);
		long before = threads.getCurrentThreadAllocatedBytes();
		int found = read(source, 100_000);
		long allocated = threads.getCurrentThreadAllocatedBytes() - before;
		assertThat(found).isZero();
		// Room for what the measurement itself takes, far below a byte each time.
		assertThat(allocated).isLessThan(10_000);
	}

	private static int read(MdcContextSource source, int times) {
		int found = 0;
		for (int i = 0; i < times; i++) {
			found += source.read().size();
		}
		return found;
	}

	@Test
	void listedFieldsAreWrittenWhileTheyAreCurrent() {
		new MdcContextMirror(List.of("order", "more")).install();
		try (Scope outer = this.context.open()) {
			assertThat(MDC.getCopyOfContextMap()).isEqualTo(Map.of("order", "7"));
			try (Scope inner = SignalContext.current().with("order", 8).with("more", true).open()) {
				assertThat(MDC.getCopyOfContextMap()).isEqualTo(Map.of("order", "8", "more", "true"));
			}
			assertThat(MDC.getCopyOfContextMap()).isEqualTo(Map.of("order", "7"));
		}
		assertThat(MDC.get("order")).isNull();
	}

	@Test
	void everyFieldIsWrittenForAnAsterisk() {
		new MdcContextMirror(List.of("*")).install();
		try (Scope outer = this.context.open()) {
			assertThat(MDC.getCopyOfContextMap()).isEqualTo(Map.of("order", "7", "user", "ann"));
			try (Scope inner = SignalContext.EMPTY.with("user", "bob").with("x", 1).open()) {
				assertThat(MDC.getCopyOfContextMap()).isEqualTo(Map.of("user", "bob", "x", "1"));
			}
			assertThat(MDC.getCopyOfContextMap()).isEqualTo(Map.of("order", "7", "user", "ann"));
		}
		assertThat(MDC.getCopyOfContextMap()).isNullOrEmpty();
	}

	@Test
	void whatTheMdcHeldBeforeComesBack() {
		new MdcContextMirror(List.of("*")).install();
		MDC.put("order", "the application's");
		MDC.put("other", "kept");
		try (Scope outer = this.context.open(); Scope inner = this.context.with("order", 8).open()) {
			assertThat(MDC.get("order")).isEqualTo("8");
			MDC.put("order", "changed meanwhile");
		}
		assertThat(MDC.getCopyOfContextMap()).isEqualTo(Map.of("order", "the application's", "other", "kept"));
	}

	@Test
	void whatWasOpenBeforeTheMirrorLeavesTheMdcAlone() {
		MDC.put("order", "the application's");
		try (Scope outer = this.context.open()) {
			new MdcContextMirror(List.of("*")).install();
			try (Scope inner = this.context.with("order", 8).open()) {
				assertThat(MDC.get("order")).isEqualTo("8");
			}
			assertThat(MDC.get("order")).isEqualTo("7");
		}
		assertThat(MDC.get("order")).isEqualTo("the application's");
		try (Scope outer = this.context.open()) {
			SignalContext.mirror(null);
			try (Scope inner = SignalContext.EMPTY.open()) {
				new MdcContextMirror(List.of("*")).install();
			}
		}
		assertThat(MDC.get("order")).isEqualTo("the application's");
	}

	@Test
	void fieldWhoseTextCannotBeMadeKeepsNoOtherOut() {
		new MdcContextMirror(List.of("*")).install();
		long errors = SignalContext.stats().mirrorErrors();
		Object bad = new Object() {
			@Override
			public String toString() {
				throw new IllegalStateException("on purpose");
			}
		};
		MDC.put("user", "before");
		try (Scope scope = SignalContext.EMPTY.with("bad", bad).with("user", "ann").open()) {
			assertThat(MDC.get("bad")).isEqualTo("(toString threw java.lang.IllegalStateException)");
			assertThat(MDC.get("user")).isEqualTo("ann");
		}
		assertThat(MDC.getCopyOfContextMap()).isEqualTo(Map.of("user", "before"));
		assertThat(SignalContext.stats().mirrorErrors()).isEqualTo(errors);
	}

	@Test
	void onlyTheOneThatIsInstalledIsUninstalled() {
		MdcContextMirror first = new MdcContextMirror(List.of("a"));
		MdcContextMirror second = new MdcContextMirror(List.of("b"));
		first.install();
		second.install();
		first.uninstall();
		assertThat(SignalContext.mirror()).isSameAs(second);
		second.uninstall();
		assertThat(SignalContext.mirror()).isNull();
	}

	@Test
	void listsThatMakeNoSenseAreRefused() {
		refused(() -> new MdcContextSource(Arrays.asList("a", " ")), "mdc.read[1] must be a name, but is ' '");
		refused(() -> new MdcContextSource(List.of("a", "a")), "mdc.read must name each key once, but is 'a'");
		refused(() -> new MdcContextSource(List.of("*")), "mdc.read must name each key: ");
		refused(() -> new MdcContextMirror(List.of("")), "mdc.write[0] must be a name, but is ''");
		refused(() -> new MdcContextMirror(List.of("a", "a")), "mdc.write must name each key once, but is 'a'");
		refused(() -> new MdcContextMirror(List.of("a", "*")), "mdc.write must be '*' alone");
	}

	private static void refused(org.assertj.core.api.ThrowableAssert.ThrowingCallable made, String message) {
		assertThatExceptionOfType(InvalidSettingException.class).isThrownBy(made).withMessageStartingWith(message);
	}

}
