package io.telemetry.boot.actuate;

import java.util.LinkedHashMap;
import java.util.Map;

import io.telemetry.pipeline.SignalPipeline;
import io.telemetry.signal.Kind;
import io.telemetry.signal.Level;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.Access;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.web.annotation.WebEndpoint;

/**
 * Actuator endpoint {@code telemetryexplain}: why a signal would not arrive. Nothing is
 * sent and nothing is counted.
 */
@WebEndpoint(id = TelemetryExplainEndpoint.ID, defaultAccess = Access.READ_ONLY)
public class TelemetryExplainEndpoint {

	static final String ID = "telemetryexplain";

	private final SignalPipeline pipeline;

	/**
	 * An endpoint.
	 * @param pipeline the pipeline to ask
	 */
	public TelemetryExplainEndpoint(SignalPipeline pipeline) {
		this.pipeline = pipeline;
	}

	/**
	 * What would become of a signal.
	 * @param level its level, {@code info} where left out
	 * @param ns its namespace, the application where left out
	 * @param id its id
	 * @param kind its kind, {@code log} where left out
	 * @return which step of the pipeline and of each handler would refuse it, and the
	 * rate limits it would meet
	 */
	@ReadOperation
	public Map<String, Object> explain(@Nullable String level, @Nullable String ns, @Nullable String id,
			@Nullable String kind) {
		Level askedLevel = (level != null) ? Arguments.level("level", level) : Level.INFO;
		Kind askedKind = (kind != null) ? Arguments.kind("kind", kind) : Kind.LOG;
		String namespace = (ns != null) ? ns : String.valueOf(this.pipeline.service().name());
		// As Clojure writes keywords; filters know ids without the colon.
		String askedId = (id != null && id.startsWith(":")) ? id.substring(1) : id;
		Map<String, Object> result = new LinkedHashMap<>();
		result.put("level", Descriptions.level(askedLevel));
		result.put("kind", askedKind.toString());
		result.put("ns", namespace);
		if (askedId != null) {
			result.put("id", askedId);
		}
		Descriptions.putExplanation(result, this.pipeline, askedLevel, askedKind, namespace, askedId);
		return Descriptions.body(result);
	}

}
