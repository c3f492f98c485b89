package io.telemetry.pipeline;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

import io.telemetry.filter.Refusal;
import org.jspecify.annotations.Nullable;

/**
 * What would become of a signal.
 *
 * @param pipeline why the pipeline would refuse it, or {@code null} if it would not
 * @param handlers why each handler would refuse it, {@code null} if it would not
 */
public record Explanation(@Nullable Refusal pipeline, Map<String, @Nullable Refusal> handlers) {

	public Explanation {
		handlers = Collections.unmodifiableMap(new LinkedHashMap<>(handlers));
	}

	/**
	 * Whether at least one handler would be given the signal.
	 * @return {@code true} if it would arrive
	 */
	public boolean isAllowed() {
		return this.pipeline == null && this.handlers.containsValue(null);
	}

}
