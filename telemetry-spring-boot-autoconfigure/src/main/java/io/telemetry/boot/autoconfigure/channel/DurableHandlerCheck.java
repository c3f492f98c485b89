package io.telemetry.boot.autoconfigure.channel;

import io.telemetry.Telemetry;
import io.telemetry.pipeline.SignalPipeline;
import io.telemetry.signal.Kind;
import io.telemetry.signal.Level;

import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.ApplicationListener;

/**
 * Warns where what the channel keeps on the disk is kept for nobody.
 */
class DurableHandlerCheck implements ApplicationListener<ApplicationReadyEvent> {

	private final SignalPipeline pipeline;

	DurableHandlerCheck(SignalPipeline pipeline) {
		this.pipeline = pipeline;
	}

	@Override
	public void onApplicationEvent(ApplicationReadyEvent event) {
		if (this.pipeline.handlers().stream().noneMatch((handler) -> handler.configured().durable())) {
			new Telemetry(this.pipeline, "io.telemetry.channel").signal(Level.WARN, Kind.CHANNEL)
				.id("channel/no-durable-handler")
				.message(ChannelDurableProperties.ACK
						+ " is durable, but no handler is: what the channel acknowledges is "
						+ "let go as soon as it went through the pipeline. Set telemetry.handlers.<name>.durable=true "
						+ "for the handler that is to lose nothing")
				.emit();
		}
	}

}
