package io.telemetry.pipeline;

/**
 * Tells every pipeline of this process that somebody captures signals, so that they are
 * made even where no handler wants them. What a capture gets is decided by the context.
 * Calls have to be balanced.
 */
public final class Captures {

	private Captures() {
	}

	/**
	 * A capture begins. When this returns, every pipeline knows.
	 */
	public static void begin() {
		OpenPipelines.beginCapture();
	}

	/**
	 * A capture has ended.
	 */
	public static void end() {
		OpenPipelines.endCapture();
	}

}
