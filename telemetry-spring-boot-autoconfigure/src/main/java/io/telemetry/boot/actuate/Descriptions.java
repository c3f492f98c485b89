package io.telemetry.boot.actuate;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

import io.telemetry.filter.FilterSettings;
import io.telemetry.filter.NamePattern;
import io.telemetry.filter.PatternMap;
import io.telemetry.filter.Refusal;
import io.telemetry.filter.SignalPredicate;
import io.telemetry.handler.HandlerOptions;
import io.telemetry.handler.Overflow;
import io.telemetry.handler.QueueOptions;
import io.telemetry.limit.LimitSettings;
import io.telemetry.limit.RateLimit;
import io.telemetry.pipeline.Explanation;
import io.telemetry.pipeline.PipelineSettings;
import io.telemetry.pipeline.SignalPipeline;
import io.telemetry.sampling.SamplingSettings;
import io.telemetry.signal.Kind;
import io.telemetry.signal.Level;
import io.telemetry.signal.ServiceIdentity;
import io.telemetry.stats.LatencyStats;
import io.telemetry.stats.Outcome;
import io.telemetry.stats.OutcomeStats;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.OperationResponseBody;

/**
 * What the core says, as maps of text, numbers and booleans. Maps and not records: so
 * their keys are the same whatever naming strategy, date format or JSON library the
 * application has.
 */
final class Descriptions {

	private Descriptions() {
	}

	/**
	 * A body that Actuator writes with its own mapper where it has one.
	 */
	static Map<String, Object> body(Map<String, Object> content) {
		return OperationResponseBody.of(content);
	}

	static Object level(Level level) {
		return level.isNamed() ? level.toString() : level.value();
	}

	private static Map<String, Object> levels(Map<?, Level> levels) {
		Map<String, Object> result = new LinkedHashMap<>();
		levels.forEach((key, level) -> result.put(key.toString(), level(level)));
		return result;
	}

	private static List<String> texts(Collection<?> values) {
		return values.stream().map(Object::toString).toList();
	}

	static Map<String, Object> settings(PipelineSettings settings) {
		Map<String, Object> result = new LinkedHashMap<>();
		result.put("enabled", settings.enabled());
		putFilter(result, settings.filter());
		result.put("sampleRate", settings.sampling().rate());
		result.put("sampleRates", sampleRates(settings.sampling()));
		result.put("sampleBy", settings.sampling().by().toString());
		Map<String, Object> rateLimits = new LinkedHashMap<>();
		rateLimits.put("ns", rateLimits(settings.limits().namespaces()));
		rateLimits.put("id", rateLimits(settings.limits().ids()));
		result.put("rateLimits", rateLimits);
		result.put("locations", settings.locations().name().toLowerCase(Locale.ROOT));
		return result;
	}

	static Map<String, Object> sampleRates(SamplingSettings sampling) {
		Map<String, Object> result = new LinkedHashMap<>();
		result.put("ns", sampling.namespaces());
		result.put("id", sampling.ids());
		return result;
	}

	private static Map<String, Object> rateLimits(Map<String, RateLimit> limits) {
		Map<String, Object> result = new LinkedHashMap<>();
		limits.forEach((pattern, limit) -> result.put(pattern, limit.toString()));
		return result;
	}

	static Map<String, Object> options(HandlerOptions options) {
		Map<String, Object> result = new LinkedHashMap<>();
		result.put("enabled", options.enabled());
		putFilter(result, options.filter());
		result.put("sampleRate", options.sampleRate());
		if (options.rateLimit() != null) {
			result.put("rateLimit", options.rateLimit().toString());
		}
		result.put("priority", options.priority());
		result.put("durable", options.durable());
		result.put("async", queue(options.queue()));
		return result;
	}

	private static void putFilter(Map<String, Object> result, FilterSettings filter) {
		result.put("minLevel", level(filter.minLevel()));
		result.put("levels", levels(filter.levels()));
		result.put("kindLevels", levels(filter.kindLevels()));
		result.put("nsAllow", filter.ns().allow());
		result.put("nsDisallow", filter.ns().disallow());
		result.put("idAllow", filter.id().allow());
		result.put("idDisallow", filter.id().disallow());
		result.put("kindAllow", texts(filter.kindAllow()));
		result.put("kindDisallow", texts(filter.kindDisallow()));
		if (filter.when() != SignalPredicate.ALWAYS) {
			result.put("when", filter.when().toString());
		}
	}

	private static Map<String, Object> queue(@Nullable QueueOptions queue) {
		Map<String, Object> result = new LinkedHashMap<>();
		if (queue == null) {
			result.put("mode", "none");
			return result;
		}
		Overflow overflow = queue.overflow();
		if (overflow instanceof Overflow.Block block) {
			result.put("mode", "blocking");
			result.put("blockTimeoutMs", block.atMost().toMillis());
		}
		else {
			result.put("mode", (overflow instanceof Overflow.DropOldest) ? "sliding" : "dropping");
		}
		result.put("bufferSize", queue.capacity());
		result.put("threads", queue.threads());
		result.put("batchSize", queue.batchSize());
		result.put("batchIntervalMs", queue.batchInterval().toMillis());
		result.put("drainTimeoutMs", queue.drainTimeout().toMillis());
		return result;
	}

	/**
	 * The settings that are changed live; without {@code expiresAt} until taken back.
	 */
	static List<Map<String, Object>> changed(Map<String, @Nullable Instant> changed) {
		List<Map<String, Object>> result = new ArrayList<>();
		changed.forEach((setting, expiresAt) -> {
			Map<String, Object> change = new LinkedHashMap<>();
			change.put("setting", setting);
			if (expiresAt != null) {
				change.put("expiresAt", expiresAt.toString());
			}
			result.add(change);
		});
		return result;
	}

	static Map<String, Object> counts(OutcomeStats stats) {
		Map<String, Object> result = new LinkedHashMap<>();
		result.put("received", stats.received());
		for (Outcome outcome : Outcome.values()) {
			if (stats.outcomes().containsKey(outcome)) {
				result.put(camelCase(outcome.toString()), stats.count(outcome));
			}
		}
		result.put("inFlight", stats.inFlight());
		return result;
	}

	static Map<String, Object> latency(LatencyStats stats) {
		Map<String, Object> result = new LinkedHashMap<>();
		result.put("count", stats.count());
		result.put("p50Ms", millis(stats.p50()));
		result.put("p90Ms", millis(stats.p90()));
		result.put("p99Ms", millis(stats.p99()));
		result.put("maxMs", millis(stats.max()));
		return result;
	}

	/** To the microsecond: most handlers take less than a millisecond. */
	private static double millis(Duration duration) {
		return Math.round(duration.toNanos() / 1000.0) / 1000.0;
	}

	private static String camelCase(String hyphenated) {
		StringBuilder result = new StringBuilder();
		for (String word : hyphenated.split("-")) {
			result.append(result.isEmpty() ? word : Character.toUpperCase(word.charAt(0)) + word.substring(1));
		}
		return result.toString();
	}

	static Map<String, Object> service(ServiceIdentity service) {
		Map<String, Object> result = new LinkedHashMap<>();
		putIfPresent(result, "name", service.name());
		putIfPresent(result, "version", service.version());
		putIfPresent(result, "environment", service.environment());
		putIfPresent(result, "instance", service.instance());
		putIfPresent(result, "region", service.region());
		putIfPresent(result, "host", service.host());
		return result;
	}

	private static void putIfPresent(Map<String, Object> map, String key, @Nullable String value) {
		if (value != null) {
			map.put(key, value);
		}
	}

	/**
	 * Which step would refuse such a signal, and which rate limits it would meet.
	 */
	static void putExplanation(Map<String, Object> result, SignalPipeline pipeline, Level level, Kind kind,
			String namespace, @Nullable String id) {
		Explanation explanation = pipeline.explain(level, kind, namespace, id);
		result.put("allowed", explanation.isAllowed());
		result.put("pipeline", refusal(explanation.pipeline()));
		Map<String, Object> handlers = new LinkedHashMap<>();
		explanation.handlers().forEach((handler, refusal) -> handlers.put(handler, refusal(refusal)));
		result.put("handlers", handlers);
		List<Map<String, Object>> limits = new ArrayList<>();
		if (explanation.pipeline() == null) {
			LimitSettings settings = pipeline.settings().effective().limits();
			putLimit(limits, "ns", namespace, settings.namespaces());
			putLimit(limits, "id", id, settings.ids());
			pipeline.handlers()
				.stream()
				.filter((handler) -> explanation.handlers().get(handler.name()) == null)
				.forEach((handler) -> putLimit(limits, "handler", handler.name(), null,
						handler.effective().rateLimit()));
		}
		if (!limits.isEmpty()) {
			result.put("limits", limits);
		}
	}

	private static void putLimit(List<Map<String, Object>> result, String of, @Nullable String name,
			Map<String, RateLimit> limits) {
		PatternMap.Entry<RateLimit> limit = (name != null) ? PatternMap.of("a rate limit", limits).find(name) : null;
		if (name != null && limit != null) {
			putLimit(result, of, name, limit.pattern(), limit.value());
		}
	}

	private static void putLimit(List<Map<String, Object>> result, String of, String name,
			@Nullable NamePattern pattern, @Nullable RateLimit limit) {
		if (limit != null) {
			Map<String, Object> entry = new LinkedHashMap<>();
			entry.put("of", of);
			entry.put("name", name);
			if (pattern != null) {
				entry.put("pattern", pattern.toString());
			}
			entry.put("rateLimit", limit.toString());
			result.add(entry);
		}
	}

	private static Map<String, Object> refusal(@Nullable Refusal refusal) {
		Map<String, Object> result = new LinkedHashMap<>();
		result.put("allowed", refusal == null);
		if (refusal != null) {
			result.put("step", refusal.step().toString());
			result.put("detail", refusal.detail());
		}
		return result;
	}

}
