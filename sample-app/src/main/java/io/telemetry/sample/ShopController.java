package io.telemetry.sample;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

import io.telemetry.Telemetry;
import io.telemetry.signal.Level;

import org.springframework.http.HttpStatus;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ResponseStatusException;

/**
 * The shop's API, with two addresses that misbehave on purpose.
 */
@RestController
@RequestMapping("/api")
class ShopController {

	private static final List<Product> CATALOGUE = List.of(
			new Product(1, "Field Lantern", "Four hundred lumens, one winter a charge", 3900, "◐"),
			new Product(2, "Trail Compass", "Sapphire glass, no batteries at all", 2450, "✦"),
			new Product(3, "Summit Flask", "Tea stays hot from hut to hut", 2900, "▲"),
			new Product(4, "Rope, 30 m", "Dry-treated, 9.2 mm", 8900, "∞"),
			new Product(5, "Storm Whistle", "Heard across the valley", 700, "♪"),
			new Product(6, "Paper Map", "Works at minus thirty degrees", 1250, "▦"));

	private static final Duration SLOW = Duration.ofMillis(1500);

	private final Telemetry telemetry;

	private final AtomicInteger orders = new AtomicInteger();

	ShopController(Telemetry telemetry) {
		this.telemetry = telemetry;
	}

	@GetMapping("/products")
	List<Product> products() {
		this.telemetry.log(Level.DEBUG, () -> "Catalogue asked for", () -> Map.of("products", CATALOGUE.size()));
		return CATALOGUE;
	}

	@PostMapping("/checkout")
	Map<String, Object> checkout(@RequestBody Order order) {
		List<Product> bought = order.productIds().stream().limit(Order.MAX_PIECES).map(this::product).toList();
		if (bought.isEmpty()) {
			throw new ResponseStatusException(HttpStatus.UNPROCESSABLE_CONTENT, "The cart is empty");
		}
		int cents = bought.stream().mapToInt(Product::cents).sum();
		int number = this.orders.incrementAndGet();
		this.telemetry.event("shop/checkout", Map.of("order", number, "pieces", bought.size(), "cents", cents));
		return Map.of("order", number, "cents", cents);
	}

	private Product product(int id) {
		return CATALOGUE.stream()
			.filter((product) -> product.id() == id)
			.findFirst()
			.orElseThrow(() -> new ResponseStatusException(HttpStatus.NOT_FOUND, "There is no product " + id));
	}

	@GetMapping("/slow")
	Map<String, Object> slow() throws InterruptedException {
		Thread.sleep(SLOW.toMillis());
		return Map.of("sleptMs", SLOW.toMillis());
	}

	@GetMapping("/broken")
	Map<String, Object> broken() {
		throw new IllegalStateException("The stock service does not answer");
	}

	@ExceptionHandler(IllegalStateException.class)
	ResponseEntity<ProblemDetail> failed(IllegalStateException ex) {
		this.telemetry.error(ex, Map.of("path", "/api/broken"));
		ProblemDetail problem = ProblemDetail.forStatusAndDetail(HttpStatus.SERVICE_UNAVAILABLE, ex.getMessage());
		return ResponseEntity.of(problem).build();
	}

}
