package io.telemetry.boot.context;

import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

import io.telemetry.boot.InvalidSettingException;
import io.telemetry.context.ContextMirror;
import io.telemetry.context.SignalContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;

/**
 * Writes fields of the context into SLF4J's MDC while they are current, so that the
 * application's own log lines have them too. When a field is no longer there the MDC
 * holds again what it held before. Safe for several threads; each has an MDC of its own.
 */
public final class MdcContextMirror implements ContextMirror {

	/**
	 * What is written now, and what the MDC held in its place. Of the platform's types
	 * only, and removed when empty: threads outlive applications.
	 */
	private static final ThreadLocal<@Nullable Map<String, @Nullable String>> WRITTEN = new ThreadLocal<>();

	/** Which fields; {@code null} stands for all. */
	private final @Nullable Set<String> names;

	/**
	 * A mirror of listed fields.
	 * @param names the fields' names, or {@code *} alone for all
	 * @throws InvalidSettingException if a name is blank, is there twice or stands beside
	 * {@code *}
	 */
	public MdcContextMirror(List<String> names) {
		MdcKeys.check("mdc.write", names);
		boolean all = names.contains(MdcKeys.ALL);
		if (all && names.size() > 1) {
			throw new InvalidSettingException("mdc.write", String.join(",", names),
					"must be '*' alone, which stands for every field, or names without it");
		}
		this.names = all ? null : new LinkedHashSet<>(names);
	}

	/**
	 * Makes this the process's mirror. Threads whose context has fields already write
	 * them at their next change.
	 */
	public void install() {
		SignalContext.mirror(this);
	}

	/**
	 * Takes {@link #install} back, unless another mirror has replaced this one.
	 */
	public void uninstall() {
		if (SignalContext.mirror() == this) {
			SignalContext.mirror(null);
		}
	}

	@Override
	public void changed(SignalContext from, SignalContext to) {
		Map<String, Object> before = from.fields();
		Map<String, Object> after = to.fields();
		if (before == after) {
			return;
		}
		if (this.names != null) {
			for (String name : this.names) {
				changed(name, before.get(name), after.get(name));
			}
			return;
		}
		before.forEach((name, value) -> {
			if (!after.containsKey(name)) {
				changed(name, value, null);
			}
		});
		after.forEach((name, value) -> changed(name, before.get(name), value));
	}

	private static void changed(String name, @Nullable Object before, @Nullable Object after) {
		if (before == after) {
			return;
		}
		if (after == null) {
			restore(name);
		}
		else {
			write(name, after);
		}
	}

	private static void write(String name, Object value) {
		Map<String, @Nullable String> written = WRITTEN.get();
		if (written == null) {
			written = new HashMap<>();
			WRITTEN.set(written);
		}
		if (!written.containsKey(name)) {
			written.put(name, MDC.get(name));
		}
		MDC.put(name, textOf(value));
	}

	private static void restore(String name) {
		Map<String, @Nullable String> written = WRITTEN.get();
		if (written == null || !written.containsKey(name)) {
			// From before the mirror was there: what the MDC holds is the application's.
			return;
		}
		String held = written.remove(name);
		if (written.isEmpty()) {
			WRITTEN.remove();
		}
		if (held != null) {
			MDC.put(name, held);
		}
		else {
			MDC.remove(name);
		}
	}

	private static String textOf(Object value) {
		try {
			return String.valueOf(value);
		}
		catch (RuntimeException | StackOverflowError ex) {
			// One field is not to keep the others out.
			return "(toString threw " + ex.getClass().getName() + ")";
		}
	}

}
