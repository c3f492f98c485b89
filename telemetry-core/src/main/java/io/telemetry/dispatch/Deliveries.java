package io.telemetry.dispatch;

import java.util.List;

import io.telemetry.signal.Delivery;
import io.telemetry.signal.Signal;

/**
 * Ends the holds of a durable lane, each exactly once: whoever moves the counter of a
 * signal calls this for it.
 */
final class Deliveries {

	private Deliveries() {
	}

	/**
	 * Whether somebody keeps what a durable lane's queue holds. What a handler made is
	 * nobody's: the lane took it as such.
	 * @param entry a signal or a {@link Batch.Echo}
	 */
	static boolean isKept(Object entry) {
		return entry instanceof Signal signal && signal.delivery() != null;
	}

	/**
	 * Says that signals were dealt with.
	 */
	static void done(List<Signal> signals) {
		// Not by iterator, which ends early once a batch is given up.
		for (int i = 0; i < signals.size(); i++) {
			Delivery delivery = signals.get(i).delivery();
			if (delivery != null) {
				delivery.done();
			}
		}
	}

	/**
	 * Says that signals were not dealt with.
	 */
	static void abandon(List<Signal> signals) {
		for (int i = 0; i < signals.size(); i++) {
			abandonEntry(signals.get(i));
		}
	}

	/**
	 * Says that what a durable lane's queue holds was not dealt with.
	 * @param entry a signal or a {@link Batch.Echo}
	 */
	static void abandonEntry(Object entry) {
		if (entry instanceof Signal signal) {
			Delivery delivery = signal.delivery();
			if (delivery != null) {
				delivery.abandon();
			}
		}
	}

}
