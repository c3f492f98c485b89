package io.telemetry.sample;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

import io.telemetry.Telemetry;

import org.springframework.stereotype.Component;

/**
 * What there is to buy.
 */
@Component
class Catalogue {

	private final List<Product> products;

	private final Map<Integer, Product> byId;

	Catalogue(Telemetry telemetry) {
		this.products = telemetry.module("catalogue", Catalogue::load);
		this.byId = this.products.stream().collect(Collectors.toMap(Product::id, Function.identity()));
	}

	private static List<Product> load() {
		return List.of(new Product(1, "Field Lantern", "Four hundred lumens, one winter a charge", 3900, "◐"),
				new Product(2, "Trail Compass", "Sapphire glass, no batteries at all", 2450, "✦"),
				new Product(3, "Summit Flask", "Tea stays hot from hut to hut", 2900, "▲"),
				new Product(4, "Rope, 30 m", "Dry-treated, 9.2 mm", 8900, "∞"),
				new Product(5, "Storm Whistle", "Heard across the valley", 700, "♪"),
				new Product(6, "Paper Map", "Works at minus thirty degrees", 1250, "▦"));
	}

	List<Product> products() {
		return this.products;
	}

	Optional<Product> product(int id) {
		return Optional.ofNullable(this.byId.get(id));
	}

}
