package io.telemetry.boot.channel;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A batch of events as pages send them, some 500 bytes each; of ten, one is a failure, one
 * a page load, four are calls, two clicks and two log lines. All of it is ASCII, so that a text may be split anywhere.
 */
final class LoadBatch {

	/** Where the batch's id is a number, of as many digits. */
	static final String ID = "0000000000000000";

	private static final String KINDS = "0243212324";

	private static final String SESSION = "5d0c6e0a-91c4-4f7e-8a55-1c1b6a0e7d31";

	private LoadBatch() {
	}

	static byte[] of(int events) {
		List<String> all = new ArrayList<>();
		for (int i = 0; i < events; i++) {
			all.add(event(i));
		}
		String batch = "{\"batch\":\"" + ID + "\",\"seq\":17,\"sentAt\":1767225600123,\"session\":{\"id\":\"" + SESSION
				+ "\",\"page\":\"https://shop.example/cart\",\"release\":\"1.4.2\",\"environment\":\"prod\"},"
				+ "\"events\":[" + String.join(",", all) + "]}";
		return batch.getBytes(StandardCharsets.US_ASCII);
	}

	private static String event(int index) {
		String timestamp = ",\"timestamp\":" + (1767225600000L + 7L * index);
		return switch (KINDS.charAt(index % KINDS.length()) - '0') {
			case 0 -> "{\"type\":\"error\",\"subtype\":\"javascript\",\"severity\":\"high\"" + timestamp
					+ ",\"message\":\"TypeError: Cannot read properties of undefined (reading 'total')\","
					+ "\"stack\":\"TypeError: Cannot read properties of undefined (reading 'total')\\n"
					+ "    at renderCart (https://shop.example/assets/app.4f1c.js:42:15)\\n"
					+ "    at update (https://shop.example/assets/app.4f1c.js:118:9)\\n"
					+ "    at HTMLButtonElement.onclick (https://shop.example/cart:77:31)\","
					+ "\"location\":{\"url\":\"https://shop.example/assets/app.4f1c.js\",\"line\":42,\"column\":15},"
					+ "\"page\":\"/cart\"}";
			case 1 -> "{\"type\":\"metric\",\"subtype\":\"page-load\"" + timestamp
					+ ",\"url\":\"https://shop.example/catalogue/garden/chairs?page=" + index
					+ "&sort=price\",\"page\":\"/catalogue/garden/chairs\",\"timing\":{\"dnsMs\":45,\"connectMs\":120,"
					+ "\"tlsMs\":230,\"responseMs\":856.5,\"domContentLoadedMs\":1420,\"loadMs\":2340},"
					+ "\"resources\":{\"count\":45,\"totalKb\":1234},\"vitals\":{\"lcp\":1830.25,\"cls\":0.042,"
					+ "\"inp\":96,\"fcp\":912.75,\"ttfb\":311.5},\"navigationType\":\"navigate\","
					+ "\"connectionType\":\"4g\",\"viewport\":{\"width\":1440,\"height\":900,\"pixelRatio\":2},"
					+ "\"visibility\":\"visible\"}";
			case 2 -> "{\"type\":\"metric\",\"subtype\":\"api-call\"" + timestamp
					+ ",\"url\":\"https://shop.example/api/v2/customers/c-0815/basket/items/" + index
					+ "\",\"method\":\"GET\",\"status\":200,\"durationMs\":234.5,\"cached\":false,\"page\":\"/cart\","
					+ "\"requestBytes\":312,\"responseBytes\":18233,\"initiator\":\"fetch\",\"protocol\":\"h2\","
					+ "\"context\":{\"traceparent\":\"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\","
					+ "\"component\":\"basket\",\"attempt\":1,\"retried\":false,\"queueMs\":3.25,\"feature\":\"basket-v2\"}}";
			case 3 -> "{\"type\":\"analytics\",\"subtype\":\"user-action\"" + timestamp
					+ ",\"action\":\"click\",\"elementId\":\"add-to-basket-" + index
					+ "\",\"page\":\"/catalogue/garden/chairs\",\"context\":{\"text\":\"Add to basket\","
					+ "\"selector\":\"main > section.products > article:nth-child(7) > footer > button.primary\","
					+ "\"x\":1022,\"y\":644,\"button\":0,\"product\":\"ch-2231\",\"price\":119.9,\"currency\":\"NOK\","
					+ "\"list\":\"search-results\",\"position\":7,\"experiment\":\"checkout-b\",\"variant\":\"green\","
					+ "\"signedIn\":true},\"release\":\"1.4.2\",\"locale\":\"nb-NO\"}";
			default -> "{\"type\":\"log\",\"level\":\"info\"" + timestamp
					+ ",\"message\":\"User updated profile: delivery address and newsletter preferences were saved\","
					+ "\"page\":\"/account/profile\",\"context\":{\"fields\":[\"street\",\"city\",\"postcode\","
					+ "\"newsletter\"],\"form\":\"profile\",\"durationMs\":5120,\"validationErrors\":0,"
					+ "\"source\":\"account-settings-page\",\"customer\":\"c-0815\",\"correlation\":"
					+ "\"a6c1d7b2-2b7e-4f1c-9c53-9f50d1c3a7e8\",\"module\":\"account/profile/form\",\"build\":\"4f1c9e2\"}}";
		};
	}

}
