package io.telemetry.boot.actuate;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import io.telemetry.Telemetry;
import io.telemetry.boot.recent.RecentSignals;
import io.telemetry.boot.recent.RecentSignalsQuery;
import io.telemetry.filter.NamePattern;
import io.telemetry.pipeline.SignalPipeline;
import io.telemetry.signal.Kind;
import io.telemetry.signal.Level;
import io.telemetry.signal.Signal;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.Access;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;
import org.springframework.boot.actuate.endpoint.web.annotation.WebEndpoint;

/**
 * Actuator endpoint {@code telemetrysignals}: the recent signals, and a way to make one
 * to see whether it arrives.
 */
@WebEndpoint(id = TelemetrySignalsEndpoint.ID, defaultAccess = Access.READ_ONLY)
public class TelemetrySignalsEndpoint {

	static final String ID = "telemetrysignals";

	/** The namespace of signals that this endpoint makes. */
	static final String NAMESPACE = "telemetry.actuator";

	private static final int MAX_LIMIT = 10_000;

	private final SignalPipeline pipeline;

	private final RecentSignals recent;

	private final Telemetry telemetry;

	private final SignalJson json = new SignalJson();

	/**
	 * An endpoint.
	 * @param pipeline where signals that it makes go
	 * @param recent the recent signals
	 */
	public TelemetrySignalsEndpoint(SignalPipeline pipeline, RecentSignals recent) {
		this.pipeline = pipeline;
		this.recent = recent;
		this.telemetry = new Telemetry(pipeline, NAMESPACE);
	}

	/**
	 * Recent signals, newest first.
	 * @param limit how many at most
	 * @param level the lowest level
	 * @param ns a pattern of namespaces
	 * @param id a pattern of ids
	 * @param session the session's id
	 * @param text what message, id, data or error contain
	 * @return the signals
	 */
	@ReadOperation
	public Map<String, Object> signals(@Nullable String limit, @Nullable String level, @Nullable String ns,
			@Nullable String id, @Nullable String session, @Nullable String text) {
		RecentSignalsQuery query = new RecentSignalsQuery(
				(limit != null) ? Arguments.between("limit", limit, 1, MAX_LIMIT) : RecentSignalsQuery.DEFAULTS.limit(),
				(level != null) ? Arguments.level("level", level) : null, pattern("ns", ns), pattern("id", id), session,
				text);
		List<Signal> found = this.recent.find(query);
		Map<String, Object> result = new LinkedHashMap<>();
		result.put("size", this.recent.size());
		result.put("count", found.size());
		result.put("signals", found.stream().map(this.json::write).toList());
		return Descriptions.body(result);
	}

	private static @Nullable NamePattern pattern(String parameter, @Nullable String value) {
		return (value != null) ? Arguments.pattern(parameter, value) : null;
	}

	/**
	 * Makes a signal: an event where it has an id, else a log.
	 * @param level its level, {@code info} where left out
	 * @param id its id
	 * @param message its message
	 * @return whether it was let through, and by whom it is not wanted
	 */
	@WriteOperation
	public Map<String, Object> emit(@Nullable String level, @Nullable String id, @Nullable String message) {
		if (id == null && message == null) {
			throw ProblemException.badValue("message", null, "a text, or an 'id' instead");
		}
		Level emittedLevel = (level != null) ? Arguments.level("level", level) : Level.INFO;
		Kind kind = (id != null) ? Kind.EVENT : Kind.LOG;
		Map<String, Object> result = new LinkedHashMap<>();
		result.put("emitted", this.telemetry.signal(emittedLevel, kind).id(id).message(message).emit());
		result.put("ns", NAMESPACE);
		Descriptions.putExplanation(result, this.pipeline, emittedLevel, kind, NAMESPACE, id);
		return Descriptions.body(result);
	}

}
