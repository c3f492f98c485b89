package io.telemetry.sample;

import java.util.List;
import java.util.Map;

import io.telemetry.Telemetry;
import io.telemetry.signal.Level;

/**
 * What things cost. Static, so there is nothing to inject into.
 */
final class Prices {

	private static final Telemetry TELEMETRY = Telemetry.global(Prices.class);

	private Prices() {
	}

	static int total(List<Product> products) {
		int cents = products.stream().mapToInt(Product::cents).sum();
		TELEMETRY.log(Level.DEBUG, "Summed up", Map.of("pieces", products.size(), "cents", cents));
		return cents;
	}

}
