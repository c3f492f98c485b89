package io.telemetry.sample;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;

import io.telemetry.Counter;
import io.telemetry.Histogram;
import io.telemetry.Telemetry;

import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.stereotype.Service;

/**
 * Sells things: one traced piece of work, whose every signal has the order's number.
 */
@Service
class Checkout {

	private final Telemetry telemetry;

	private final Warehouse warehouse;

	private final Recommendations recommendations;

	private final Executor executor;

	private final Counter orders;

	private final Histogram totals;

	private final AtomicInteger lastNumber = new AtomicInteger();

	Checkout(Telemetry telemetry, Warehouse warehouse, Recommendations recommendations,
			@Qualifier("applicationTaskExecutor") Executor executor) {
		this.telemetry = telemetry;
		this.warehouse = warehouse;
		this.recommendations = recommendations;
		this.executor = executor;
		this.orders = telemetry.counter("shop.orders").description("Orders placed");
		this.totals = telemetry.histogram("shop.order.total").unit("cents").buckets(1000, 2500, 5000, 10_000, 50_000);
	}

	Receipt place(List<Product> products, Order order) {
		int number = this.lastNumber.incrementAndGet();
		return this.telemetry.withContext(Map.of("order", number),
				() -> this.telemetry.trace("shop/checkout", () -> sell(number, products, order)));
	}

	private Receipt sell(int number, List<Product> products, Order order) {
		// What is known of the work only while it runs becomes its data.
		this.telemetry.attribute("pieces", products.size());
		if (order.email() != null) {
			this.telemetry.attribute("email", order.email());
		}
		int cents = this.telemetry.trace("shop/price", () -> Prices.total(products));
		this.telemetry.attribute("cents", cents);
		// Spring Boot's executor takes the context along, and the trace with it.
		CompletableFuture<Void> payment = CompletableFuture
			.runAsync(() -> this.telemetry.trace("shop/payment", () -> pay(cents)), this.executor);
		Set.copyOf(products)
			.forEach((product) -> this.warehouse.take(product, Collections.frequency(products, product)));
		String recommended = this.recommendations.after(products.get(0));
		payment.join();
		this.orders.tag("size", (products.size() > 1) ? "several" : "single").increment();
		this.totals.record(cents);
		return new Receipt(number, cents, recommended);
	}

	private void pay(int cents) {
		this.telemetry.attribute("cents", cents);
	}

}
