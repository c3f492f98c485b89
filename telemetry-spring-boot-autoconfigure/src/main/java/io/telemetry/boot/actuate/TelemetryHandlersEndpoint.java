package io.telemetry.boot.actuate;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import io.telemetry.handler.HandlerOptions;
import io.telemetry.pipeline.Change;
import io.telemetry.pipeline.HandlerView;
import io.telemetry.pipeline.SignalPipeline;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.Access;
import org.springframework.boot.actuate.endpoint.annotation.DeleteOperation;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.Selector.Match;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;
import org.springframework.boot.actuate.endpoint.web.annotation.WebEndpoint;

/**
 * Actuator endpoint {@code telemetryhandlers}: the handlers, what became of their signals
 * and what they are given. A change is in force at once; what a request leaves out stays
 * as it is.
 */
@WebEndpoint(id = TelemetryHandlersEndpoint.ID, defaultAccess = Access.READ_ONLY)
public class TelemetryHandlersEndpoint {

	static final String ID = "telemetryhandlers";

	private final SignalPipeline pipeline;

	private final Map<String, String> types;

	/**
	 * An endpoint.
	 * @param pipeline the pipeline whose handlers they are
	 * @param types the type of each handler that was configured, by name
	 */
	public TelemetryHandlersEndpoint(SignalPipeline pipeline, Map<String, String> types) {
		this.pipeline = pipeline;
		this.types = Map.copyOf(types);
	}

	/**
	 * All handlers.
	 * @return the handlers by name
	 */
	@ReadOperation
	public Map<String, Object> handlers() {
		Map<String, Object> handlers = new LinkedHashMap<>();
		this.pipeline.handlers().forEach((view) -> handlers.put(view.name(), describe(view)));
		Map<String, Object> result = new LinkedHashMap<>();
		result.put("handlers", handlers);
		return Descriptions.body(result);
	}

	/**
	 * One handler.
	 * @param handler its name
	 * @return what is configured, what is in force, what is changed and what became of
	 * its signals
	 */
	@ReadOperation
	public Map<String, Object> handler(@Selector(match = Match.ALL_REMAINING) String[] handler) {
		String name = Arguments.name(handler);
		HandlerView view = this.pipeline.handler(name);
		if (view == null) {
			throw notFound(name);
		}
		return Descriptions.body(describe(view));
	}

	private Map<String, Object> describe(HandlerView view) {
		Map<String, Object> result = new LinkedHashMap<>();
		result.put("name", view.name());
		// One that was added by code has no type but its class.
		result.put("type", this.types.getOrDefault(view.name(), view.type().getName()));
		result.put("configured", Descriptions.options(view.configured()));
		result.put("effective", Descriptions.options(view.effective()));
		result.put("changed", Descriptions.changed(view.changed()));
		result.put("counts", Descriptions.counts(view.stats()));
		result.put("queued", view.queued());
		result.put("retries", view.retries());
		result.put("latency", Descriptions.latency(view.latency()));
		return result;
	}

	/**
	 * Changes what a handler is given.
	 * @param handler its name
	 * @param enabled whether it is given anything
	 * @param minLevel its minimum level
	 * @param sampleRate its sample rate
	 * @param expiresIn how long the change lasts
	 * @return the handler afterwards
	 */
	@WriteOperation
	public Map<String, Object> change(@Selector(match = Match.ALL_REMAINING) String[] handler, @Nullable String enabled,
			@Nullable String minLevel, @Nullable String sampleRate, @Nullable String expiresIn) {
		String name = Arguments.name(handler);
		List<Change<HandlerOptions>> changes = new ArrayList<>();
		if (enabled != null) {
			changes.add(Change.Handler.enabled(Arguments.flag("enabled", enabled)));
		}
		if (minLevel != null) {
			changes.add(Change.Handler.minLevel(Arguments.level("minLevel", minLevel)));
		}
		if (sampleRate != null) {
			changes.add(Change.Handler.sampleRate(Arguments.rate("sampleRate", sampleRate)));
		}
		try {
			if (!this.pipeline.changeHandler(name, changes, Arguments.expiresIn(expiresIn, !changes.isEmpty()))) {
				throw notFound(name);
			}
		}
		catch (IllegalArgumentException ex) {
			throw ProblemException.contradiction(ex.getMessage());
		}
		return handler(handler);
	}

	/**
	 * Takes back every live change of a handler.
	 * @param handler its name
	 * @return the handler afterwards
	 */
	@DeleteOperation
	public Map<String, Object> reset(@Selector(match = Match.ALL_REMAINING) String[] handler) {
		String name = Arguments.name(handler);
		if (!this.pipeline.resetHandler(name)) {
			throw notFound(name);
		}
		return handler(handler);
	}

	private ProblemException notFound(String name) {
		return ProblemException.notFound("handler", name,
				this.pipeline.handlers().stream().map(HandlerView::name).toList());
	}

}
