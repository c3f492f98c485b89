package io.telemetry.context;

import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * {@link ContextMirror}.
 */
@SuppressWarnings("try")
class ContextMirrorTests {

	private final SignalContext outer = SignalContext.EMPTY.with("a", 1);

	private final SignalContext inner = this.outer.with("b", 2);

	private final List<List<SignalContext>> changes = new ArrayList<>();

	@AfterEach
	void removeMirror() {
		SignalContext.mirror(null);
	}

	@Test
	void everyChangeOfTheThreadIsTold() {
		SignalContext.mirror((from, to) -> this.changes.add(List.of(from, to)));
		try (Scope first = this.outer.open(); Scope second = this.inner.open()) {
			assertThat(this.changes).hasSize(2);
		}
		assertThat(this.changes).containsExactly(List.of(SignalContext.EMPTY, this.outer),
				List.of(this.outer, this.inner), List.of(this.inner, this.outer),
				List.of(this.outer, SignalContext.EMPTY));
	}

	@Test
	void wrappedTaskIsToldOf() {
		SignalContext.mirror((from, to) -> this.changes.add(List.of(from, to)));
		this.outer.wrap(() -> {
		}).run();
		assertThat(this.changes).containsExactly(List.of(SignalContext.EMPTY, this.outer),
				List.of(this.outer, SignalContext.EMPTY));
	}

	@Test
	void whatTheAccessorDoesIsToldOf() {
		SignalContext.mirror((from, to) -> this.changes.add(List.of(from, to)));
		SignalContextThreadLocalAccessor accessor = new SignalContextThreadLocalAccessor();
		accessor.setValue(this.outer);
		accessor.restore();
		assertThat(this.changes).containsExactly(List.of(SignalContext.EMPTY, this.outer),
				List.of(this.outer, SignalContext.EMPTY));
	}

	@Test
	void openingWhatIsCurrentIsNoChange() {
		try (Scope first = this.outer.open()) {
			SignalContext.mirror((from, to) -> this.changes.add(List.of(from, to)));
			this.outer.open().close();
			assertThat(this.changes).isEmpty();
		}
	}

	@Test
	void mirrorThatThrowsIsContainedAndCounted() {
		long before = SignalContext.stats().mirrorErrors();
		for (Throwable thrown : List.of(new IllegalStateException("on purpose"), new StackOverflowError(),
				new NoClassDefFoundError("on purpose"))) {
			SignalContext.mirror((from, to) -> ContextMirrorTests.<RuntimeException>sneak(thrown));
			try (Scope first = this.outer.open()) {
				assertThat(SignalContext.current()).isSameAs(this.outer);
			}
			assertThat(SignalContext.current()).isSameAs(SignalContext.EMPTY);
		}
		assertThat(SignalContext.stats().mirrorErrors() - before).isEqualTo(6);
	}

	@Test
	void errorOfTheVirtualMachineGoesOnAndLeavesNoScopeBehind() {
		SignalContext.mirror((from, to) -> {
			throw new OutOfMemoryError("on purpose");
		});
		assertThatExceptionOfType(OutOfMemoryError.class).isThrownBy(this.outer::open);
		assertThat(SignalContext.current()).isSameAs(SignalContext.EMPTY);
		SignalContext.mirror(null);
		Scope scope = this.outer.open();
		SignalContext.mirror((from, to) -> {
			throw new OutOfMemoryError("on purpose");
		});
		assertThatExceptionOfType(OutOfMemoryError.class).isThrownBy(scope::close);
		assertThat(SignalContext.current()).isSameAs(SignalContext.EMPTY);
	}

	@Test
	void mirrorIsReplacedAndRemoved() {
		ContextMirror mirror = (from, to) -> this.changes.add(List.of(from, to));
		SignalContext.mirror(mirror);
		assertThat(SignalContext.mirror()).isSameAs(mirror);
		SignalContext.mirror(null);
		this.outer.open().close();
		assertThat(SignalContext.mirror()).isNull();
		assertThat(this.changes).isEmpty();
	}

	@SuppressWarnings("unchecked")
	private static <E extends Throwable> void sneak(Throwable thrown) throws E {
		throw (E) thrown;
	}

}
