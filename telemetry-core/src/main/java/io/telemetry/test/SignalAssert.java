package io.telemetry.test;

import java.util.Objects;

import io.telemetry.signal.ErrorData;
import io.telemetry.signal.Kind;
import io.telemetry.signal.Level;
import io.telemetry.signal.Signal;
import org.assertj.core.api.AbstractAssert;
import org.jspecify.annotations.Nullable;

/**
 * Assertions about one signal.
 */
public final class SignalAssert extends AbstractAssert<SignalAssert, @Nullable Signal> {

	SignalAssert(@Nullable Signal actual) {
		super(actual, SignalAssert.class);
	}

	/**
	 * Its level is the given one.
	 * @param level the level
	 * @return this
	 */
	public SignalAssert hasLevel(Level level) {
		return has("level", signal().level(), level);
	}

	/**
	 * Its kind is the given one.
	 * @param kind the kind
	 * @return this
	 */
	public SignalAssert hasKind(Kind kind) {
		return has("kind", signal().kind(), kind);
	}

	/**
	 * Its id is the given one.
	 * @param id the id
	 * @return this
	 */
	public SignalAssert hasId(@Nullable String id) {
		return has("id", signal().id(), id);
	}

	/**
	 * Its namespace is the name of the given class.
	 * @param type the class
	 * @return this
	 */
	public SignalAssert hasNamespace(Class<?> type) {
		return has("namespace", signal().namespace(), type.getName());
	}

	/**
	 * Its message is the given one.
	 * @param message the message
	 * @return this
	 */
	public SignalAssert hasMessage(@Nullable String message) {
		return has("message", signal().message(), message);
	}

	/**
	 * Its data has a field of a value.
	 * @param field the field's name
	 * @param value the value
	 * @return this
	 */
	public SignalAssert hasData(String field, @Nullable Object value) {
		return has("data field '" + field + "'", signal().data().get(field), value);
	}

	/**
	 * Its context has a field of a value.
	 * @param field the field's name
	 * @param value the value
	 * @return this
	 */
	public SignalAssert hasContext(String field, @Nullable Object value) {
		return has("context field '" + field + "'", signal().context().get(field), value);
	}

	/**
	 * It tells of an exception of a type.
	 * @param type the class of the exception
	 * @return this
	 */
	public SignalAssert hasError(Class<? extends Throwable> type) {
		ErrorData error = signal().error();
		return has("error", (error != null) ? error.type() : null, type.getName());
	}

	private SignalAssert has(String what, @Nullable Object is, @Nullable Object expected) {
		if (!Objects.equals(is, expected)) {
			throw failureWithActualExpected(is, expected,
					"Expected the %s to be <%s> but it is <%s>, of the signal%n  %s", what, expected, is,
					SignalsAssert.describe(signal()));
		}
		return this;
	}

	private Signal signal() {
		isNotNull();
		return Objects.requireNonNull(this.actual);
	}

}
