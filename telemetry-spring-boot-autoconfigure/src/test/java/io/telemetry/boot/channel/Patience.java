package io.telemetry.boot.channel;

import java.time.Duration;

import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;

/**
 * How long tests wait, and how often they look.
 */
public final class Patience {

	private Patience() {
	}

	public static ConditionFactory await() {
		return Awaitility.await()
			.atMost(Duration.ofSeconds(15))
			.pollDelay(Duration.ZERO)
			.pollInterval(Duration.ofMillis(5));
	}

}
