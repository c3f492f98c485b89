package io.telemetry.boot.autoconfigure.intake;

import io.telemetry.Telemetry;
import io.telemetry.boot.intake.ApplicationIntake;
import io.telemetry.pipeline.EarlyPipeline;
import io.telemetry.pipeline.SignalPipeline;
import org.jspecify.annotations.Nullable;

/**
 * What an application takes in, and where that waits for the application's pipeline. Not
 * in the process's pipeline: there may be one, of another application.
 */
final class EarlyIntake implements AutoCloseable {

	private final EarlyPipeline early = new EarlyPipeline(this::pipeline);

	private final ApplicationIntake intake = new ApplicationIntake(speaker(this.early.pipeline()));

	private volatile @Nullable SignalPipeline pipeline;

	ApplicationIntake intake() {
		return this.intake;
	}

	/**
	 * Sends what has waited to the application's pipeline, and then what comes.
	 */
	void sendTo(SignalPipeline pipeline) {
		this.pipeline = pipeline;
		this.early.sendOn();
		this.intake.sendTo(speaker(pipeline));
	}

	/**
	 * Idempotent.
	 */
	@Override
	public void close() {
		this.intake.close();
		this.early.close();
	}

	private @Nullable SignalPipeline pipeline() {
		return this.pipeline;
	}

	private static Telemetry speaker(SignalPipeline pipeline) {
		return new Telemetry(pipeline, EarlyIntake.class.getName());
	}

}
