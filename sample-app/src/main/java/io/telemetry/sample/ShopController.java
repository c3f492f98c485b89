package io.telemetry.sample;

import java.time.Duration;
import java.util.List;
import java.util.Map;

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

	private static final Duration SLOW = Duration.ofMillis(1500);

	private final Telemetry telemetry;

	private final Catalogue catalogue;

	private final Checkout checkout;

	ShopController(Telemetry telemetry, Catalogue catalogue, Checkout checkout) {
		this.telemetry = telemetry;
		this.catalogue = catalogue;
		this.checkout = checkout;
	}

	@GetMapping("/products")
	List<Product> products() {
		List<Product> products = this.catalogue.products();
		this.telemetry.log(Level.DEBUG, () -> "Catalogue asked for", () -> Map.of("products", products.size()));
		return products;
	}

	@PostMapping("/checkout")
	Receipt checkout(@RequestBody Order order) {
		List<Product> products = order.productIds().stream().limit(Order.MAX_PIECES).map(this::product).toList();
		if (products.isEmpty()) {
			throw new ResponseStatusException(HttpStatus.UNPROCESSABLE_CONTENT, "The cart is empty");
		}
		return this.checkout.place(products, order);
	}

	private Product product(int id) {
		return this.catalogue.product(id)
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
