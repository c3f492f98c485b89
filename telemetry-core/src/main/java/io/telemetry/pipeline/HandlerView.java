package io.telemetry.pipeline;

import java.time.Instant;
import java.util.Map;

import io.telemetry.handler.HandlerOptions;
import io.telemetry.stats.LatencyStats;
import io.telemetry.stats.OutcomeStats;
import org.jspecify.annotations.Nullable;

/**
 * One handler as it is now.
 *
 * @param name its name
 * @param type its class
 * @param configured what was configured
 * @param effective what is in force
 * @param changed the settings that are changed live, with the time at which each change
 * ends or {@code null} for never
 * @param stats what became of its signals
 * @param queued signals that wait in its queue
 * @param latency how long it took: for each batch where there is a queue, else for one
 * call in sixteen, by chance
 * @param retries how often a batch was handled again, where the handler is durable
 */
public record HandlerView(String name, Class<?> type, HandlerOptions configured, HandlerOptions effective,
		Map<String, @Nullable Instant> changed, OutcomeStats stats, int queued, LatencyStats latency, long retries) {

}
