package io.telemetry.boot.actuate;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

import io.telemetry.filter.NamePattern;
import io.telemetry.pipeline.Change;
import io.telemetry.pipeline.PipelineSettings;
import io.telemetry.pipeline.PipelineView;
import io.telemetry.pipeline.SignalPipeline;
import io.telemetry.signal.Level;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.Access;
import org.springframework.boot.actuate.endpoint.annotation.DeleteOperation;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.Selector.Match;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;
import org.springframework.boot.actuate.endpoint.web.annotation.WebEndpoint;

/**
 * Actuator endpoint {@code telemetryfilters}: what the pipeline lets through, for all
 * namespaces or for those of one pattern. A change is in force at once; what a request
 * leaves out stays as it is.
 */
@WebEndpoint(id = TelemetryFiltersEndpoint.ID, defaultAccess = Access.READ_ONLY)
public class TelemetryFiltersEndpoint {

	static final String ID = "telemetryfilters";

	private final SignalPipeline pipeline;

	/**
	 * An endpoint.
	 * @param pipeline the pipeline to look at and to change
	 */
	public TelemetryFiltersEndpoint(SignalPipeline pipeline) {
		this.pipeline = pipeline;
	}

	/**
	 * The filters.
	 * @return what is configured, what is in force and what is changed
	 */
	@ReadOperation
	public Map<String, Object> filters() {
		PipelineView view = this.pipeline.settings();
		Map<String, Object> result = new LinkedHashMap<>();
		result.put("configured", Descriptions.settings(view.configured()));
		result.put("effective", Descriptions.settings(view.effective()));
		result.put("changed", Descriptions.changed(view.changed()));
		return Descriptions.body(result);
	}

	/**
	 * Changes filters.
	 * @param enabled whether anything is let through
	 * @param minLevel the global minimum level
	 * @param nsAllow patterns of allowed namespaces, separated by commas
	 * @param nsDisallow patterns of refused namespaces
	 * @param idAllow patterns of allowed ids
	 * @param idDisallow patterns of refused ids
	 * @param kindAllow allowed kinds
	 * @param kindDisallow refused kinds
	 * @param sampleRate the global sample rate
	 * @param expiresIn how long the change lasts
	 * @return the filters afterwards
	 */
	@WriteOperation
	public Map<String, Object> change(@Nullable String enabled, @Nullable String minLevel, @Nullable String nsAllow,
			@Nullable String nsDisallow, @Nullable String idAllow, @Nullable String idDisallow,
			@Nullable String kindAllow, @Nullable String kindDisallow, @Nullable String sampleRate,
			@Nullable String expiresIn) {
		List<Change<PipelineSettings>> changes = new ArrayList<>();
		if (enabled != null) {
			changes.add(Change.Pipeline.enabled(Arguments.flag("enabled", enabled)));
		}
		if (minLevel != null) {
			changes.add(Change.Pipeline.minLevel(Arguments.level("minLevel", minLevel)));
		}
		if (nsAllow != null) {
			changes.add(Change.Pipeline.nsAllow(Arguments.patterns("nsAllow", nsAllow)));
		}
		if (nsDisallow != null) {
			changes.add(Change.Pipeline.nsDisallow(Arguments.patterns("nsDisallow", nsDisallow)));
		}
		if (idAllow != null) {
			changes.add(Change.Pipeline.idAllow(Arguments.patterns("idAllow", idAllow)));
		}
		if (idDisallow != null) {
			changes.add(Change.Pipeline.idDisallow(Arguments.patterns("idDisallow", idDisallow)));
		}
		if (kindAllow != null) {
			changes.add(Change.Pipeline.kindAllow(Arguments.kinds("kindAllow", kindAllow)));
		}
		if (kindDisallow != null) {
			changes.add(Change.Pipeline.kindDisallow(Arguments.kinds("kindDisallow", kindDisallow)));
		}
		if (sampleRate != null) {
			changes.add(Change.Pipeline.sampleRate(Arguments.rate("sampleRate", sampleRate)));
		}
		apply(changes, expiresIn);
		return filters();
	}

	/**
	 * Takes back every live change, those of patterns too.
	 * @return the filters afterwards
	 */
	@DeleteOperation
	public Map<String, Object> reset() {
		this.pipeline.reset((setting) -> true);
		return filters();
	}

	/**
	 * The filters of the namespaces that a pattern stands for.
	 * @param pattern the pattern
	 * @return what is configured for the pattern itself, what is in force and what is
	 * changed
	 */
	@ReadOperation
	public Map<String, Object> filtersOf(@Selector(match = Match.ALL_REMAINING) String[] pattern) {
		String text = text(pattern);
		PipelineView view = this.pipeline.settings();
		PipelineSettings settings = view.effective();
		Map<String, Object> effective = new LinkedHashMap<>();
		Level level = mostSpecific(settings.filter().levels(), text);
		effective.put("minLevel", Descriptions.level((level != null) ? level : settings.filter().minLevel()));
		Double rate = mostSpecific(settings.sampling().namespaces(), text);
		effective.put("sampleRate", (rate != null) ? settings.sampling().rate() * rate : settings.sampling().rate());
		Map<String, Object> result = new LinkedHashMap<>();
		result.put("pattern", text);
		result.put("configured", own(view.configured(), text));
		result.put("effective", effective);
		result.put("changed",
				Descriptions.changed(view.changed()).stream().filter((change) -> isOf(change, text)).toList());
		return Descriptions.body(result);
	}

	private static boolean isOf(Map<String, Object> change, String pattern) {
		return settings(pattern).contains(change.get("setting"));
	}

	/**
	 * The names that changes of a pattern have.
	 */
	private static Set<String> settings(String pattern) {
		return Set.of("minLevel:" + pattern, "sampleRate:" + pattern);
	}

	private static Map<String, Object> own(PipelineSettings settings, String pattern) {
		Map<String, Object> result = new LinkedHashMap<>();
		Level level = settings.filter().levels().get(pattern);
		if (level != null) {
			result.put("minLevel", Descriptions.level(level));
		}
		Double rate = settings.sampling().namespaces().get(pattern);
		if (rate != null) {
			result.put("sampleRate", rate);
		}
		return result;
	}

	/**
	 * The value of the pattern itself, else of the most specific one that is wider: its
	 * star matches the narrower pattern's text, star and all.
	 */
	private static <V> @Nullable V mostSpecific(Map<String, V> values, String pattern) {
		V result = values.get(pattern);
		int specificity = -1;
		if (result == null) {
			for (Map.Entry<String, V> entry : values.entrySet()) {
				NamePattern candidate = NamePattern.of(entry.getKey());
				if (candidate.matches(pattern) && candidate.literalPrefix().length() > specificity) {
					specificity = candidate.literalPrefix().length();
					result = entry.getValue();
				}
			}
		}
		return result;
	}

	/**
	 * Changes the filters of namespaces.
	 * @param pattern the pattern
	 * @param minLevel the minimum level
	 * @param sampleRate the sample rate
	 * @param expiresIn how long the change lasts
	 * @return the filters afterwards
	 */
	@WriteOperation
	public Map<String, Object> changeOf(@Selector(match = Match.ALL_REMAINING) String[] pattern,
			@Nullable String minLevel, @Nullable String sampleRate, @Nullable String expiresIn) {
		String text = text(pattern);
		List<Change<PipelineSettings>> changes = new ArrayList<>();
		if (minLevel != null) {
			changes.add(Change.Pipeline.minLevel(text, Arguments.level("minLevel", minLevel)));
		}
		if (sampleRate != null) {
			changes.add(Change.Pipeline.sampleRate(text, Arguments.rate("sampleRate", sampleRate)));
		}
		apply(changes, expiresIn);
		return filtersOf(pattern);
	}

	/**
	 * Takes back the live changes of one pattern.
	 * @param pattern the pattern
	 * @return the filters afterwards
	 */
	@DeleteOperation
	public Map<String, Object> resetOf(@Selector(match = Match.ALL_REMAINING) String[] pattern) {
		Set<String> settings = settings(text(pattern));
		this.pipeline.reset(settings::contains);
		return filtersOf(pattern);
	}

	private static String text(String[] segments) {
		return Arguments.pattern("pattern", Arguments.name(segments)).toString();
	}

	private void apply(List<Change<PipelineSettings>> changes, @Nullable String expiresIn) {
		try {
			this.pipeline.change(changes, Arguments.expiresIn(expiresIn, !changes.isEmpty()));
		}
		catch (IllegalArgumentException ex) {
			throw ProblemException.contradiction(ex.getMessage());
		}
	}

}
