package io.telemetry.boot.actuate;

import java.util.Map;

import io.telemetry.filter.SignalPredicate;
import io.telemetry.handler.HandlerOptions;
import io.telemetry.pipeline.PipelineSettings;
import io.telemetry.pipeline.SignalPipeline;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What the endpoints tell of predicates.
 */
class PredicateDescriptionTests {

	private static SignalPredicate parse(String expression) {
		return SignalPredicate.parse(expression);
	}

	@Test
	void predicateIsShownWhereThereIsOne() {
		PipelineSettings settings = PipelineSettings.DEFAULTS
			.withFilter(PipelineSettings.DEFAULTS.filter().withWhen(parse("level>=WARN")));
		HandlerOptions options = HandlerOptions.DEFAULTS
			.withFilter(HandlerOptions.DEFAULTS.filter().withWhen(parse("data.x=1")));
		assertThat(Descriptions.settings(settings)).containsEntry("when", "level >= warn");
		assertThat(Descriptions.options(options)).containsEntry("when", "data.x = 1");
		assertThat(Descriptions.settings(PipelineSettings.DEFAULTS)).doesNotContainKey("when");
		assertThat(Descriptions.options(HandlerOptions.DEFAULTS)).doesNotContainKey("when");
	}

	@Test
	void explanationNamesThePredicateThatRefuses() {
		HandlerOptions options = HandlerOptions.DEFAULTS
			.withFilter(HandlerOptions.DEFAULTS.filter().withWhen(parse("kind = event and data.x = 1")));
		try (SignalPipeline pipeline = SignalPipeline.builder()
			.settings((settings) -> settings.withFilter(settings.filter().withWhen(parse("ns != 'com.noise.*'"))))
			.handler("mine", (signal) -> {
			}, options)
			.build()) {
			TelemetryExplainEndpoint endpoint = new TelemetryExplainEndpoint(pipeline);
			Map<String, Object> noise = endpoint.explain(null, "com.noise.A", null, "event");
			assertThat(noise.get("pipeline")).isEqualTo(Map.of("allowed", false, "step", "when", "detail",
					"such a signal is not one where ns != 'com.noise.*'"));
			assertThat(noise.get("handlers")).isEqualTo(Map.of("mine", Map.of("allowed", true)));
			Map<String, Object> log = endpoint.explain(null, "com.acme.A", null, "log");
			assertThat(log.get("pipeline")).isEqualTo(Map.of("allowed", true));
			assertThat(log.get("handlers")).isEqualTo(Map.of("mine", Map.of("allowed", false, "step", "when", "detail",
					"such a signal is not one where kind = event and data.x = 1")));
		}
	}

}
