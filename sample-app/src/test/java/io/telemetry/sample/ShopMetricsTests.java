package io.telemetry.sample;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;

import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.web.server.LocalServerPort;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What an order counts is found in Actuator's metrics.
 */
@SpringBootTest(webEnvironment = WebEnvironment.RANDOM_PORT, properties = "telemetry.handlers.file.enabled=false")
class ShopMetricsTests {

	private final HttpClient http = HttpClient.newHttpClient();

	@LocalServerPort
	private int port;

	private JsonNode answer(HttpRequest.Builder request) throws IOException, InterruptedException {
		HttpResponse<String> response = this.http.send(request.build(), BodyHandlers.ofString());
		assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
		return new JsonMapper().readTree(response.body());
	}

	private HttpRequest.Builder request(String path) {
		return HttpRequest.newBuilder(URI.create("http://localhost:" + this.port + path));
	}

	@Test
	void ordersAreMetersWithTagAndDescription() throws Exception {
		answer(request("/api/checkout").header("Content-Type", "application/json")
			.POST(BodyPublishers.ofString("{\"productIds\":[1,2]}")));
		JsonNode orders = answer(request("/actuator/metrics/shop.orders?tag=size:several"));
		assertThat(orders.at("/description").asString()).isEqualTo("Orders placed");
		assertThat(orders.at("/measurements/0/statistic").asString()).isEqualTo("COUNT");
		assertThat(orders.at("/measurements/0/value").asDouble()).isOne();
		JsonNode totals = answer(request("/actuator/metrics/shop.order.total"));
		assertThat(totals.at("/baseUnit").asString()).isEqualTo("cents");
		assertThat(totals.at("/measurements/1/value").asDouble()).isEqualTo(6350);
	}

}
