package io.telemetry.boot.actuate;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import io.telemetry.boot.TelemetryOverviewContributor;
import io.telemetry.pipeline.PipelineSettings;
import io.telemetry.pipeline.SignalPipeline;

import org.springframework.boot.actuate.endpoint.Access;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.web.annotation.WebEndpoint;

/**
 * Actuator endpoint {@code telemetry}: how things stand. For the web only, as are the
 * other telemetry endpoints, because they answer with HTTP's statuses.
 */
@WebEndpoint(id = TelemetryEndpoint.ID, defaultAccess = Access.READ_ONLY)
public class TelemetryEndpoint {

	static final String ID = "telemetry";

	private final SignalPipeline pipeline;

	private final List<TelemetryOverviewContributor> contributors;

	/**
	 * An endpoint.
	 * @param pipeline the pipeline to tell of
	 * @param contributors what else has something to tell, in order
	 */
	public TelemetryEndpoint(SignalPipeline pipeline, List<TelemetryOverviewContributor> contributors) {
		this.pipeline = pipeline;
		this.contributors = List.copyOf(contributors);
	}

	/**
	 * The overview.
	 * @return whether telemetry is on, who speaks, what became of signals, which rates
	 * are in force and how full the fullest queue is
	 */
	@ReadOperation
	public Map<String, Object> overview() {
		PipelineSettings settings = this.pipeline.settings().effective();
		Map<String, Object> overview = new LinkedHashMap<>();
		overview.put("enabled", settings.enabled());
		overview.put("service", Descriptions.service(this.pipeline.service()));
		overview.put("counts", Descriptions.counts(this.pipeline.stats()));
		Map<String, Object> rates = new LinkedHashMap<>();
		rates.put("sampleRate", settings.sampling().rate());
		rates.put("sampleRates", Descriptions.sampleRates(settings.sampling()));
		overview.put("rates", rates);
		overview.put("pressure", this.pipeline.pressure());
		overview.put("handlers", handlers());
		this.contributors.forEach((contributor) -> contribute(contributor, overview));
		return Descriptions.body(overview);
	}

	private Map<String, Object> handlers() {
		Map<String, Object> handlers = new LinkedHashMap<>();
		this.pipeline.handlers().forEach((view) -> {
			Map<String, Object> handler = new LinkedHashMap<>();
			handler.put("enabled", view.effective().enabled());
			handler.put("counts", Descriptions.counts(view.stats()));
			handler.put("queued", view.queued());
			handlers.put(view.name(), handler);
		});
		return handlers;
	}

	private static void contribute(TelemetryOverviewContributor contributor, Map<String, Object> overview) {
		try {
			contributor.contribute().forEach(overview::putIfAbsent);
		}
		catch (RuntimeException ex) {
			// One feature that can't tell must not silence the others.
			overview.putIfAbsent(contributor.getClass().getSimpleName(), "failed: " + ex);
		}
	}

}
