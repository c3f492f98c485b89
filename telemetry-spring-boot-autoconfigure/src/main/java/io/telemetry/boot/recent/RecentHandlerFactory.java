package io.telemetry.boot.recent;

import io.telemetry.handler.HandlerFactory;
import io.telemetry.handler.HandlerOptions;
import io.telemetry.handler.HandlerSpec;
import io.telemetry.handler.SignalHandler;

/**
 * Makes the handler of type {@code recent}, which fills the {@link RecentSignals}. Called
 * directly: keeping a signal costs less than queueing it.
 */
public final class RecentHandlerFactory implements HandlerFactory {

	private final RecentSignals recent;

	/**
	 * A factory.
	 * @param recent what the handler fills
	 */
	public RecentHandlerFactory(RecentSignals recent) {
		this.recent = recent;
	}

	@Override
	public String type() {
		return "recent";
	}

	@Override
	public SignalHandler create(HandlerSpec spec) {
		if (!spec.name().equals(type())) {
			throw new IllegalArgumentException(
					"recent signals are kept once, by the handler 'recent', not also by '" + spec.name() + "'");
		}
		if (this.recent.size() == 0) {
			throw new IllegalArgumentException("telemetry.recent.size is 0, so that no signals are kept");
		}
		return this.recent::add;
	}

	@Override
	public HandlerOptions defaults() {
		return HandlerOptions.DEFAULTS.withQueue(null);
	}

}
