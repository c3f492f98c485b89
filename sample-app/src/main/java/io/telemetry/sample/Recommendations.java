package io.telemetry.sample;

import java.io.IOException;

import io.telemetry.Telemetry;
import io.telemetry.annotation.Traced;

import org.springframework.stereotype.Component;

/**
 * What to buy next. Asks an oracle that does not always answer, which must not cost an
 * order.
 */
@Component
class Recommendations {

	static final int UNKNOWN_TO_THE_ORACLE = 6;

	private static final String FALLBACK = "Gift Card";

	private final Telemetry telemetry;

	private final Catalogue catalogue;

	Recommendations(Telemetry telemetry, Catalogue catalogue) {
		this.telemetry = telemetry;
		this.catalogue = catalogue;
	}

	@Traced("shop/recommend")
	String after(Product product) {
		return this.telemetry.catchToError(() -> askOracle(product), FALLBACK);
	}

	private String askOracle(Product product) throws IOException {
		if (product.id() == UNKNOWN_TO_THE_ORACLE) {
			throw new IOException("The oracle is silent about product " + product.id());
		}
		return this.catalogue.product(product.id() + 1).map(Product::name).orElse(FALLBACK);
	}

}
