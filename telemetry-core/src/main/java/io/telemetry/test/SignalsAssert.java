package io.telemetry.test;

import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;

import io.telemetry.signal.Level;
import io.telemetry.signal.Signal;
import org.assertj.core.api.AbstractListAssert;
import org.assertj.core.util.Lists;
import org.jspecify.annotations.Nullable;

/**
 * Assertions about several signals: those that a list has, and those that signals want.
 * What fails lists the signals.
 */
public final class SignalsAssert extends AbstractListAssert<SignalsAssert, List<Signal>, Signal, SignalAssert> {

	SignalsAssert(List<Signal> actual) {
		super(actual, SignalsAssert.class);
	}

	/**
	 * There is exactly one signal of an id.
	 * @param id the id
	 * @return assertions about that signal
	 */
	public SignalAssert hasSignal(String id) {
		List<Signal> found = withId(id);
		if (found.size() != 1) {
			throw failure("Expected one signal '%s' but there are %s among%n%s", id, found.size(), list());
		}
		return new SignalAssert(found.get(0));
	}

	/**
	 * There is no signal of an id.
	 * @param id the id
	 * @return this
	 */
	public SignalsAssert hasNoSignal(String id) {
		if (!withId(id).isEmpty()) {
			throw failure("Expected no signal '%s' among%n%s", id, list());
		}
		return this;
	}

	/**
	 * There is no signal at {@link Level#ERROR} or above.
	 * @return this
	 */
	public SignalsAssert hasNoErrors() {
		if (this.actual.stream().anyMatch((signal) -> signal.level().isAtLeast(Level.ERROR))) {
			throw failure("Expected no errors among%n%s", list());
		}
		return this;
	}

	private List<Signal> withId(String id) {
		return this.actual.stream().filter((signal) -> Objects.equals(signal.id(), id)).toList();
	}

	private String list() {
		return this.actual.isEmpty() ? "  (no signals)"
				: this.actual.stream().map((signal) -> "  " + describe(signal)).collect(Collectors.joining("\n"));
	}

	static String describe(@Nullable Signal signal) {
		return (signal != null) ? signal + (signal.data().isEmpty() ? "" : " " + signal.data())
				+ (signal.context().isEmpty() ? "" : " ctx " + signal.context()) : "null";
	}

	@Override
	protected SignalAssert toAssert(Signal value, String description) {
		return new SignalAssert(value).as(description);
	}

	@Override
	protected SignalsAssert newAbstractIterableAssert(Iterable<? extends Signal> iterable) {
		return new SignalsAssert(Lists.newArrayList(iterable));
	}

}
