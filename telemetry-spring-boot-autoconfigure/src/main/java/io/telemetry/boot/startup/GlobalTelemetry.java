package io.telemetry.boot.startup;

import io.telemetry.pipeline.GlobalPipeline;
import io.telemetry.pipeline.SignalPipeline;

/**
 * An application's pipeline as the one of code that no container gives one to
 * ({@link GlobalPipeline}). Installed as soon as the pipeline exists, which sends on what
 * was kept until then, and taken back just before the pipeline closes, so that what such
 * code says while the application stops is heard.
 */
public final class GlobalTelemetry {

	private final SignalPipeline pipeline;

	/**
	 * A pipeline to install.
	 * @param pipeline the application's pipeline
	 */
	public GlobalTelemetry(SignalPipeline pipeline) {
		this.pipeline = pipeline;
	}

	/**
	 * Makes the pipeline the global one.
	 */
	public void install() {
		GlobalPipeline.install(this.pipeline);
	}

	/**
	 * Takes the pipeline back; the one that was global before is so again.
	 */
	public void uninstall() {
		GlobalPipeline.uninstall(this.pipeline);
	}

}
