package io.telemetry.encode;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

import io.telemetry.signal.Kind;
import io.telemetry.signal.Level;
import io.telemetry.signal.ServiceIdentity;
import io.telemetry.signal.Signal;
import io.telemetry.signal.Uid;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The samples of {@code docs/formats.md} are what the encoders write.
 */
class FormatsDocumentationTests {

	private static final Path PAGE = Path.of("..", "docs", "formats.md");

	@ParameterizedTest
	@EnumSource
	void formatIsDocumentedWithWhatItWrites(Format format) throws IOException {
		String page = Files.readString(PAGE);
		assertThat(page).contains("\n| `" + format + "` |");
		if (format.dependency() != null) {
			assertThat(page).contains("`" + format.dependency() + "`");
		}
		Signal signal = signal();
		switch (format) {
			case CBOR -> assertThat(page).contains(" are " + size(Format.CBOR) + " of CBOR");
			case MSGPACK -> assertThat(page).contains(" and " + size(Format.MSGPACK) + " of MessagePack");
			case JSON -> assertThat(page).contains("\n" + size(Format.JSON) + " bytes of JSON")
				.contains("```json\n" + Forms.text(format.newEncoder(), signal) + "\n```");
			default -> assertThat(page).contains("\n" + Forms.text(format.newEncoder(), signal) + "\n```");
		}
	}

	private static int size(Format format) {
		SignalEncoder encoder = format.newEncoder();
		int end = (encoder.framing() == Framing.LINES) ? 1 : 0;
		return Forms.bytes(encoder, signal()).length - end;
	}

	private static Signal signal() {
		Map<String, Object> data = new LinkedHashMap<>();
		data.put("order", 4711);
		data.put("customer", "c-42");
		data.put("amount", 59.9);
		data.put("items", new String[] { "book", "pen" });
		data.put("paid", true);
		return Signal.builder(Level.INFO, Kind.EVENT, "com.acme.shop.Checkout")
			.timestamp(Instant.parse("2026-01-01T00:00:00.123456Z"))
			.uid(new Uid(0x019b7703cc7b0000L, 0x2a9c5d13e07b46f1L))
			.id("shop/checkout")
			.message("Order was paid")
			.data(data)
			.context(Map.of("requestId", "r-1"))
			.threadName("http-1")
			.service(new ServiceIdentity("shop", "1.4.2", "prod", null, null, "node-17"))
			.build();
	}

}
