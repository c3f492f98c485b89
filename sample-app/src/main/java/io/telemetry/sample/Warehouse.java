package io.telemetry.sample;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

import io.telemetry.Gauge;
import io.telemetry.Telemetry;
import io.telemetry.limit.KeyedRateLimiter;
import io.telemetry.limit.RateLimit;
import io.telemetry.signal.Kind;
import io.telemetry.signal.Level;

import org.springframework.stereotype.Component;

/**
 * How much there is of everything. When nothing is left, a truck brings more.
 */
@Component
class Warehouse {

	static final int FULL = 20;

	static final int LOW = 3;

	private final Telemetry telemetry;

	private final Gauge stock;

	/** One warning for each product in ten minutes, however well it sells. */
	private final KeyedRateLimiter lowStockWarnings = new KeyedRateLimiter(RateLimit.parse("1/10m"), 1000);

	private final ConcurrentMap<Integer, Integer> pieces = new ConcurrentHashMap<>();

	Warehouse(Telemetry telemetry) {
		this.telemetry = telemetry;
		this.stock = telemetry.gauge("shop.stock").description("Pieces left of a product");
	}

	void take(Product product, int count) {
		// A spy records the value that it returns: here what is left.
		int left = this.telemetry.spy(Level.DEBUG, () -> subtract(product.id(), count));
		this.stock.tag("product", product.name()).set(left);
		if (left <= LOW) {
			this.telemetry.signal(Level.WARN, Kind.EVENT)
				.id("shop/stock-low")
				.message(product.name() + " is nearly sold out")
				.data("product", product.id())
				.data("left", left)
				.limit(this.lowStockWarnings, product.name())
				.emit();
		}
	}

	private int subtract(int product, int count) {
		return this.pieces.compute(product,
				(id, left) -> Math.floorMod(((left != null) ? left : FULL) - count - 1, FULL) + 1);
	}

}
