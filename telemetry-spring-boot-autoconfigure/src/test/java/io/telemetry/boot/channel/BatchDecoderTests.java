package io.telemetry.boot.channel;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

import io.telemetry.boot.channel.ChannelSettings.Limits;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class BatchDecoderTests {

	private static final String VALID = "{\"batch\":\"b7f3\",\"seq\":17,\"sentAt\":1767225600123,"
			+ "\"session\":{\"id\":\"5d0c\",\"page\":\"https://shop.example/cart\",\"userAgent\":\"x\"},"
			+ "\"user\":{\"id\":\"user-123\"},\"dropped\":{\"buffer-full\":2},\"events\":["
			+ "{\"type\":\"error\",\"subtype\":\"javascript\",\"timestamp\":1767225600100,\"message\":\"Caf\u00e9\","
			+ "\"stack\":\"a\\nb\",\"location\":{\"url\":\"u\",\"line\":42,\"column\":15}},"
			+ "{\"type\":\"metric\",\"timing\":{\"dnsMs\":45.5,\"loadMs\":null},\"cached\":false,\"list\":[1,[2,{}]]}]}";

	private final BatchDecoder decoder = new BatchDecoder(Limits.DEFAULTS);

	@Test
	void everythingOfABatchIsRead() throws Exception {
		DecodedBatch batch = decode(VALID);
		assertThat(batch.id()).isEqualTo("b7f3");
		assertThat(batch.seq()).isEqualTo(17);
		assertThat(batch.sentAt()).isEqualTo(1767225600123L);
		assertThat(batch.sessionId()).isEqualTo("5d0c");
		assertThat(batch.origin()).isEqualTo(Map.of("page", "https://shop.example/cart"));
		assertThat(batch.userId()).isEqualTo("user-123");
		assertThat(batch.dropped()).isEqualTo(Map.of("buffer-full", 2L));
		assertThat(batch.rejections()).isEmpty();
		assertThat(batch.events()).hasSize(2);
		assertThat(batch.events().get(0).fields()).containsEntry("message", "Caf\u00e9")
			.containsEntry("timestamp", 1767225600100L)
			.containsEntry("location", Map.of("url", "u", "line", 42L, "column", 15L));
		assertThat(batch.events().get(1).fields()).containsEntry("cached", false)
			.containsEntry("list", List.of(1L, List.of(2L, Map.of())));
	}

	@Test
	void namesOfTheContractStandForOlderOnes() throws Exception {
		DecodedBatch batch = decode("{\"batch\":\"b\",\"events\":[{\"type\":\"metric\",\"status-code\":200,"
				+ "\"response-time-ms\":3,\"render-time-ms\":4,\"cached?\":true,\"element-id\":\"e\",\"a-b-c\":1,\"?\":2,"
				+ "\"timing\":{\"dns-lookup\":1,\"tcp-connect\":2,\"tls-handshake\":3,\"server-response\":4,"
				+ "\"dom-content-loaded\":5,\"fully-loaded\":6},\"resources\":{\"total-size-kb\":7},"
				+ "\"location\":{\"the-url\":\"u\"},\"context\":{\"kept-as-is?\":1}}]}");
		assertThat(batch.events().get(0).fields()).isEqualTo(Map.ofEntries(Map.entry("type", "metric"),
				Map.entry("status", 200L), Map.entry("durationMs", 3L), Map.entry("renderMs", 4L),
				Map.entry("cached", true), Map.entry("elementId", "e"), Map.entry("aBC", 1L), Map.entry("?", 2L),
				Map.entry("timing",
						Map.of("dnsMs", 1L, "connectMs", 2L, "tlsMs", 3L, "responseMs", 4L, "domContentLoadedMs", 5L,
								"loadMs", 6L)),
				Map.entry("resources", Map.of("totalKb", 7L)), Map.entry("location", Map.of("theUrl", "u")),
				Map.entry("context", Map.of("kept-as-is?", 1L))));
	}

	@Test
	void idBehindTheEventsIsFound() throws Exception {
		assertThat(decode("{\"events\":[{}],\"batch\":\"late\"}").id()).isEqualTo("late");
		assertThatRefused("{\"events\":[" + "{},".repeat(1000) + "{}],\"batch\":\"late\"}",
				RefusalReason.TOO_MANY_EVENTS, "late");
	}

	@Test
	void whatOnlyDescribesTheBatchNeverSpoilsIt() throws Exception {
		DecodedBatch batch = decode("{\"batch\":\"b\",\"seq\":\"x\",\"sentAt\":[1],\"session\":3,\"user\":{\"id\":{}},"
				+ "\"dropped\":[],\"more\":{\"deep\":[{}]},\"events\":[{}]}");
		assertThat(batch.seq()).isNull();
		assertThat(batch.sentAt()).isNull();
		assertThat(batch.sessionId()).isNull();
		assertThat(batch.origin()).isEmpty();
		assertThat(batch.userId()).isNull();
		assertThat(batch.events()).hasSize(1);
		assertThat(decode("{\"batch\":\"b\",\"sentAt\":1767225600123.7,\"events\":[]}").sentAt())
			.isEqualTo(1767225600123L);
	}

	@ParameterizedTest
	@ValueSource(strings = { "{\"type\":1}", "{\"message\":{}}", "{\"stack\":[]}", "{\"timestamp\":\"now\"}",
			"{\"cached\":\"yes\"}", "{\"status-code\":\"200\"}", "{\"durationMs\":true}", "{\"context\":[]}",
			"{\"location\":\"here\"}", "{\"location\":{\"line\":\"1\"}}", "{\"timing\":{\"dns-lookup\":\"1\"}}",
			"{\"resources\":{\"count\":{}}}", "{\"n\":1e999}", "{\"level\":3}", "{\"url\":false}" })
	void wrongTypesInKnownFieldsAreRejected(String event) throws Exception {
		assertThat(decode(Batches.batch("b", "{}", event, "{}")).rejections())
			.containsExactly(new Rejection(1, RejectReason.BAD_FIELD));
	}

	@Test
	void ofTheSessionOnlyTextsThatAreNotTooLongAreTaken() throws Exception {
		String longest = "r".repeat(256);
		DecodedBatch batch = decode("{\"batch\":\"b\",\"session\":{\"id\":\"s\",\"page\":{\"x\":1},\"release\":\""
				+ longest + "\",\"environment\":\"" + longest + "e\",\"other\":\"x\"},\"events\":[]}");
		assertThat(batch.sessionId()).isEqualTo("s");
		assertThat(batch.origin()).isEqualTo(Map.of("release", longest));
	}

	@Test
	void absentFieldsMayBeWrittenAsNull() throws Exception {
		assertThat(decode(Batches.batch("b", "{\"type\":null,\"message\":null,\"location\":null}")).rejections())
			.isEmpty();
	}

	@Test
	void lastOfFieldsWithOneNameCountsInThePlaceOfTheFirst() throws Exception {
		String event = "{\"a\":1,\"b\":{\"c\":1,\"d\":2,\"c\":3},\"a\":{\"e\":4},\"dns-x\":5,\"dnsX\":6,\"z\":7}";
		Map<String, Object> fields = decode(Batches.batch("b", event)).events().get(0).fields();
		assertThat(fields.keySet()).containsExactly("a", "b", "dnsX", "z");
		assertThat(fields).containsEntry("a", Map.of("e", 4L)).containsEntry("dnsX", 6L).containsEntry("z", 7L);
		assertThat((Map<?, ?>) fields.get("b")).hasToString("{c=3, d=2}");
	}

	@Test
	void fieldsOfLargeObjectsAreToldApart() throws Exception {
		BatchDecoder large = new BatchDecoder(new Limits(512 * 1024, 10, 8, 8192, 1000));
		StringBuilder event = new StringBuilder("{\"k0\":-1");
		for (int i = 0; i < 500; i++) {
			event.append(",\"k").append(i % 250).append("\":").append(i);
		}
		byte[] body = Batches.batch("b", event.append("}").toString()).getBytes(StandardCharsets.UTF_8);
		Map<String, Object> fields = large.decode(body, 0, body.length).events().get(0).fields();
		assertThat(fields).hasSize(250)
			.containsEntry("k0", 250L)
			.containsEntry("k63", 313L)
			.containsEntry("k249", 499L);
		assertThat(fields.keySet()).startsWith("k0", "k1", "k2").endsWith("k249");
	}

	@Test
	void batchIsReadWhereItLies() throws Exception {
		byte[] body = VALID.getBytes(StandardCharsets.UTF_8);
		byte[] bytes = new byte[body.length + 20];
		Arrays.fill(bytes, (byte) '}');
		System.arraycopy(body, 0, bytes, 7, body.length);
		assertThat(this.decoder.decode(bytes, 7, body.length)).isEqualTo(decode(VALID));
		assertThat(this.decoder.peekBatchId(bytes, 7, body.length / 2)).isEqualTo("b7f3");
	}

	@Test
	void numbersKeepTheirValue() throws Exception {
		Map<String, ?> fields = decode(
				Batches.batch("b", "{\"a\":9223372036854775808,\"b\":-1,\"c\":1.5,\"d\":1E3,\"e\":-0}"))
			.events()
			.get(0)
			.fields();
		assertThat(fields.get("a")).isEqualTo(new BigInteger("9223372036854775808"));
		assertThat(fields.get("b")).isEqualTo(-1L);
		assertThat(fields.get("c")).isEqualTo(1.5);
		assertThat(fields.get("d")).isEqualTo(1000.0);
	}

	@Test
	void limitsHoldToTheLastCharacter() throws Exception {
		assertRejects("{\"m\":\"" + "x".repeat(8192) + "\"}", null);
		assertRejects("{\"m\":\"" + "x".repeat(8193) + "\"}", RejectReason.TOO_LONG);
		assertRejects("{\"" + "k".repeat(256) + "\":1}", null);
		assertRejects("{\"" + "k".repeat(257) + "\":1}", RejectReason.TOO_LONG);
		assertRejects("{\"" + "k".repeat(1000) + "\":1}", RejectReason.TOO_LONG);
		assertRejects("{\"n\":" + "9".repeat(64) + "}", null);
		assertRejects("{\"n\":" + "9".repeat(10_000) + "}", RejectReason.TOO_LONG);
		assertRejects(Batches.wide(64), null);
		assertRejects(Batches.wide(65), RejectReason.TOO_MANY_KEYS);
		assertRejects("{\"a\":[" + "1,".repeat(1022) + "1]}", null);
		assertRejects("{\"a\":[" + "1,".repeat(1023) + "1]}", RejectReason.TOO_MANY_KEYS);
		assertRejects("{\"a\":" + "[".repeat(7) + "]".repeat(7) + "}", null);
		assertRejects("{\"a\":" + "[".repeat(8) + "]".repeat(8) + "}", RejectReason.TOO_DEEP);
		assertRejects("{\"a\":" + "{\"a\":".repeat(900) + "1" + "}".repeat(900) + "}", RejectReason.TOO_DEEP);
		assertRejects("[" + "[".repeat(900) + "]".repeat(900) + "]", RejectReason.NOT_AN_OBJECT);
	}

	@Test
	void longNamesAreNotRemembered() throws Exception {
		assertThatRefused(Batches.batch("b", "{\"" + "k".repeat(2000) + "\":1}"), RefusalReason.MALFORMED, "b");
		long before = Heap.live();
		for (int i = 0; i < 300; i++) {
			assertThatRefused(Batches.batch("b", "{\"" + i + "k".repeat(500_000) + "\":1}"), RefusalReason.MALFORMED,
					"b");
		}
		Heap.assertGrownByAtMost(before, 20);
	}

	/**
	 * Jackson's table is emptied when it holds some six thousand names, so what it keeps
	 * is at most these times {@link BatchDecoder#MOST_NAME_LENGTH}.
	 */
	@Test
	@Tag("rounds")
	void millionsOfNamesAreNotRemembered() throws Exception {
		long before = Heap.live();
		int names = 0;
		for (int batch = 0; batch < 1000; batch++) {
			StringBuilder event = new StringBuilder("{");
			for (int i = 0; i < 2000; i++) {
				event.append((i > 0) ? ",\"" : "\"").append(++names).append("\":1");
			}
			decode(Batches.batch("b", event.append('}').toString()));
		}
		Heap.assertGrownByAtMost(before, 20);
		String long1000 = "k".repeat(1000);
		for (int batch = 0; batch < 120; batch++) {
			StringBuilder event = new StringBuilder("{");
			for (int i = 0; i < 500; i++) {
				event.append((i > 0) ? ",\"" : "\"").append(++names).append(long1000).append("\":1");
			}
			decode(Batches.batch("b", event.append('}').toString()));
		}
		Heap.assertGrownByAtMost(before, 40);
	}

	private void assertRejects(String event, RejectReason reason) throws Exception {
		DecodedBatch batch = decode(Batches.batch("b", "{\"first\":1}", event, "{\"last\":1}"));
		assertThat(batch.rejections()).extracting(Rejection::reason)
			.isEqualTo((reason != null) ? List.of(reason) : List.of());
		assertThat(batch.size()).isEqualTo(3);
		assertThat(batch.events().get(batch.events().size() - 1).index()).isEqualTo(2);
	}

	@Test
	void bottomlessNestingIsMalformed() {
		assertThatRefused("{\"batch\":\"b\",\"events\":[" + "[".repeat(100_000), RefusalReason.MALFORMED, "b");
		assertThatRefused("{\"batch\":\"b\",\"x\":" + "{\"a\":".repeat(50_000), RefusalReason.MALFORMED, "b");
	}

	@ParameterizedTest
	@ValueSource(strings = { "", " ", "x", "1", "null", "\"text\"", "{}", "{\"batch\":\"b\"}", "{\"events\":[]}",
			"{\"batch\":1,\"events\":[]}", "{\"batch\":\"\",\"events\":[]}", "{\"batch\":\"b\",\"events\":{}}",
			"{\"batch\":\"b\",\"events\":[],\"events\":[]}", "{\"batch\":\"b\",\"events\":[{]}", "[{}", "[{}]]",
			"{\"batch\":\"a\\u0000b\",\"events\":[]}", "{\"batch\":\"\\ud800\",\"events\":[]}",
			"{\"batch\":\"b\",\"events\":[NaN]}", "{'batch':'b','events':[]}", "{\"batch\":\"b\",\"events\":[],}",
			"{\"batch\":\"b\",\"events\":[]}x" })
	void whatIsNoBatchIsMalformed(String body) {
		assertThatExceptionOfType(BatchRefusedException.class).isThrownBy(() -> decode(body))
			.satisfies((ex) -> assertThat(ex.reason()).isEqualTo(RefusalReason.MALFORMED));
	}

	@Test
	void otherEncodingsAreMalformed() {
		for (java.nio.charset.Charset charset : List.of(StandardCharsets.UTF_16BE, StandardCharsets.UTF_16LE,
				StandardCharsets.UTF_16, java.nio.charset.Charset.forName("UTF-32"))) {
			assertThatExceptionOfType(BatchRefusedException.class)
				.isThrownBy(() -> decode(Batches.batch("b").getBytes(charset)));
		}
	}

	@Test
	void byteOrderMarkOfUtf8IsSkipped() throws Exception {
		assertThat(decode("\ufeff" + Batches.batch("b")).id()).isEqualTo("b");
	}

	@Test
	void largerBodyIsRefusedWithItsId() {
		assertThatRefused("{\"batch\":\"big\",\"x\":\"" + "y".repeat(600_000) + "\"}", RefusalReason.TOO_LARGE, "big");
	}

	private DecodedBatch decode(String body) throws BatchRefusedException {
		return decode(body.getBytes(StandardCharsets.UTF_8));
	}

	private void assertThatRefused(String body, RefusalReason reason, String batch) {
		assertThatExceptionOfType(BatchRefusedException.class).isThrownBy(() -> decode(body)).satisfies((ex) -> {
			assertThat(ex.reason()).isEqualTo(reason);
			assertThat(ex.batch()).isEqualTo(batch);
		});
	}

	private DecodedBatch decode(byte[] body) throws BatchRefusedException {
		return this.decoder.decode(body, 0, body.length);
	}

}
