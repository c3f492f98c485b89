package io.telemetry.sample;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;

import io.telemetry.Capture;
import io.telemetry.Telemetry;
import io.telemetry.pipeline.Change;
import io.telemetry.signal.Kind;
import io.telemetry.signal.Level;
import io.telemetry.signal.Measurement;
import io.telemetry.signal.Run;
import io.telemetry.signal.Signal;
import io.telemetry.test.CaptureExtension;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;

import static io.telemetry.test.SignalAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

/**
 * The signals that an order makes. The controller is called on the test's own thread:
 * what a server's threads make is not in a test's capture.
 */
@SpringBootTest(properties = "telemetry.handlers.file.enabled=false")
@ExtendWith(CaptureExtension.class)
class ShopSignalsTests {

	@Autowired
	private ShopController shop;

	@Autowired
	private Telemetry telemetry;

	private Receipt order(Integer... products) {
		return this.shop.checkout(new Order(List.of(products), "jo@example.com"));
	}

	private static Signal find(Capture capture, String id) {
		return capture.signals().stream().filter((signal) -> id.equals(signal.id())).findFirst().orElseThrow();
	}

	private static Run run(Capture capture, String id) {
		return find(capture, id).run();
	}

	@Test
	void checkoutIsOneTreeOfWork(Capture capture) {
		Receipt receipt = order(1, 2);
		assertThat(capture).hasNoErrors();
		assertThat(capture).hasSignal("shop/checkout").hasKind(Kind.TRACE).hasNamespace(Checkout.class);
		Run checkout = run(capture, "shop/checkout");
		assertThat(checkout.parentId()).isNull();
		assertThat(checkout.result()).isEqualTo(receipt);
		assertThat(List.of(run(capture, "shop/price"), run(capture, "shop/payment"), run(capture, "shop/recommend")))
			.allSatisfy((step) -> assertThat(step.parentId()).isEqualTo(checkout.spanId()));
		assertThat(capture).allSatisfy((signal) -> assertThat(signal.run().traceId()).isEqualTo(checkout.traceId()));
		assertThat(find(capture, "shop/payment").threadName())
			.isNotEqualTo(find(capture, "shop/checkout").threadName());
	}

	@Test
	void everySignalOfAnOrderHasItsNumber(Capture capture) {
		Receipt receipt = order(1, 2);
		assertThat(capture).extracting(Signal::context).containsOnly(Map.of("order", receipt.order()));
		capture.clear();
		this.shop.products();
		assertThat(capture).singleElement().satisfies((signal) -> assertThat(signal.context()).isEmpty());
	}

	@Test
	void attributesOfACheckoutAreItsDataWithTheAddressMasked(Capture capture) {
		order(1, 2);
		assertThat(capture).hasSignal("shop/checkout")
			.hasData("pieces", 2)
			.hasData("cents", 6350)
			.hasData("email", "***@example.com");
		assertThat(capture.signals().toString()).doesNotContain("jo@");
	}

	@Test
	void ordersAreCountedAndMeasured(Capture capture) {
		order(1, 2);
		assertThat(capture).filteredOn((signal) -> signal.kind() == Kind.METRIC)
			.extracting(Signal::id, Signal::measurement)
			.contains(
					tuple("shop.orders", new Measurement(Measurement.Type.COUNTER, 1, null, Map.of("size", "several"))),
					tuple("shop.order.total", new Measurement(Measurement.Type.HISTOGRAM, 6350, "cents", Map.of())));
	}

	@Test
	void oracleThatIsSilentIsAnErrorAndCostsNoOrder(Capture capture) {
		Receipt receipt = order(Recommendations.UNKNOWN_TO_THE_ORACLE);
		assertThat(receipt.recommended()).isEqualTo("Gift Card");
		assertThat(capture).filteredOn((signal) -> signal.kind() == Kind.ERROR)
			.extracting(Signal::message)
			.containsExactly("The oracle is silent about product 6");
	}

	@Test
	void annotatedMethodIsTraced(Capture capture) {
		order(1, 2);
		assertThat(capture).hasSignal("shop/recommend").hasKind(Kind.TRACE).hasNamespace(Recommendations.class);
		assertThat(run(capture, "shop/recommend").result()).isNull();
	}

	@Test
	void lowStockIsWarnedOfOnceForEachProduct(Capture capture) {
		Integer[] nearlyAll = Collections.nCopies(Warehouse.FULL - Warehouse.LOW, 4).toArray(Integer[]::new);
		order(nearlyAll);
		order(4);
		order(4);
		Arrays.fill(nearlyAll, 5);
		order(nearlyAll);
		assertThat(capture).filteredOn((signal) -> "shop/stock-low".equals(signal.id()))
			.extracting(Signal::level, (signal) -> signal.data().get("product"), (signal) -> signal.data().get("left"))
			.containsExactly(tuple(Level.WARN, 4, Warehouse.LOW), tuple(Level.WARN, 5, Warehouse.LOW));
	}

	@Test
	void detailsOfTheWarehouseAreThereWhereTheyAreAskedFor(Capture capture) {
		order(1);
		assertThat(capture).extracting(Signal::id).doesNotContain("shop.stock");
		assertThat(capture).extracting(Signal::kind).doesNotContain(Kind.SPY);
		capture.clear();
		this.telemetry.pipeline()
			.change(List.of(Change.Pipeline.minLevel(Warehouse.class.getName(), Level.DEBUG)), null);
		try {
			order(1, 1, 2);
		}
		finally {
			this.telemetry.pipeline().resetFilters();
		}
		assertThat(capture).filteredOn((signal) -> "shop.stock".equals(signal.id()))
			.extracting((signal) -> signal.measurement().tags().get("product"))
			.containsExactlyInAnyOrder("Field Lantern", "Trail Compass");
		assertThat(capture).filteredOn((signal) -> signal.kind() == Kind.SPY)
			.hasSize(2)
			.allSatisfy((signal) -> assertThat(signal.run().result()).isInstanceOf(Integer.class));
	}

	@Test
	void catalogueIsAModule(Capture capture) {
		new Catalogue(this.telemetry);
		assertThat(capture).hasSignal("module/loading").hasData("module", "catalogue");
		assertThat(capture).hasSignal("module/loaded").hasLevel(Level.INFO).hasData("module", "catalogue");
	}

}
