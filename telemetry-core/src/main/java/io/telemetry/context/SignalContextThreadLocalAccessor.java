package io.telemetry.context;

import io.micrometer.context.ThreadLocalAccessor;
import org.jspecify.annotations.Nullable;

/**
 * Lets Micrometer's context-propagation, and Reactor with it, take the
 * {@link SignalContext} of a thread along. Found by that library as a service; nothing
 * else uses it, so that the library may be absent.
 */
public final class SignalContextThreadLocalAccessor implements ThreadLocalAccessor<SignalContext> {

	/** Where the context is kept in a snapshot or in Reactor's context. */
	public static final String KEY = "io.telemetry.context";

	@Override
	public Object key() {
		return KEY;
	}

	/**
	 * What a snapshot takes.
	 * @return the current context, or {@code null} if nothing is ambient
	 */
	@Override
	public @Nullable SignalContext getValue() {
		SignalContext current = SignalContext.current();
		return (current != SignalContext.EMPTY) ? current : null;
	}

	@Override
	public void setValue(SignalContext value) {
		SignalContext.replace(value);
	}

	@Override
	public void setValue() {
		SignalContext.replace(SignalContext.EMPTY);
	}

	@Override
	public void restore(SignalContext previousValue) {
		SignalContext.restore(previousValue);
	}

	@Override
	public void restore() {
		SignalContext.restore(SignalContext.EMPTY);
	}

}
