package io.telemetry.boot.channel;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;

import io.telemetry.boot.channel.ChannelSettings.Limits;
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
	void absentFieldsMayBeWrittenAsNull() throws Exception {
		assertThat(decode(Batches.batch("b", "{\"type\":null,\"message\":null,\"location\":null}")).rejections())
			.isEmpty();
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
				.isThrownBy(() -> this.decoder.decode(Batches.batch("b").getBytes(charset)));
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

	/**
	 * Whatever comes, there is a batch or a refusal, and never more events than allowed.
	 */
	@Test
	void noiseNeverBringsAnythingButABatchOrARefusal() {
		long seed = Long.getLong("telemetry.fuzz.seed", 20260101L);
		int rounds = Integer.getInteger("telemetry.fuzz.rounds", 20_000);
		Random random = new Random(seed);
		BatchDecoder small = new BatchDecoder(new Limits(4096, 10, 4, 64, 8));
		for (int i = 0; i < rounds; i++) {
			byte[] body = (i % 4 == 0) ? noise(random) : mutated(random);
			try {
				DecodedBatch batch = small.decode(body);
				assertThat(batch.size()).isLessThanOrEqualTo(10);
				AnswerWriter
					.acknowledgement(new Answer.Accepted(batch.id(), batch.events().size(), batch.rejections(), false));
			}
			catch (BatchRefusedException ex) {
				AnswerWriter.problem(new Answer.Refused(ex.batch(), ex.reason(), 0));
			}
			catch (RuntimeException | Error ex) {
				throw new AssertionError(
						"Round " + i + " of seed " + seed + ": " + new String(body, StandardCharsets.ISO_8859_1), ex);
			}
		}
	}

	private static byte[] noise(Random random) {
		byte[] body = new byte[random.nextInt(200)];
		random.nextBytes(body);
		return body;
	}

	private static byte[] mutated(Random random) {
		byte[] body = VALID.getBytes(StandardCharsets.UTF_8);
		byte[] tokens = "{}[]\",:\\0-+eE.tfn\u0000\u00ff".getBytes(StandardCharsets.ISO_8859_1);
		for (int i = random.nextInt(4); i >= 0; i--) {
			int at = random.nextInt(body.length);
			switch (random.nextInt(4)) {
				case 0 -> body[at] = (byte) random.nextInt(256);
				case 1 -> body[at] = tokens[random.nextInt(tokens.length)];
				case 2 -> body = Arrays.copyOf(body, at + 1);
				default -> {
					int length = random.nextInt(body.length - at);
					byte[] longer = Arrays.copyOf(body, body.length + length);
					System.arraycopy(body, at, longer, at + length, body.length - at);
					body = longer;
				}
			}
		}
		return body;
	}

	private DecodedBatch decode(String body) throws BatchRefusedException {
		return this.decoder.decode(body.getBytes(StandardCharsets.UTF_8));
	}

	private void assertThatRefused(String body, RefusalReason reason, String batch) {
		assertThatExceptionOfType(BatchRefusedException.class).isThrownBy(() -> decode(body)).satisfies((ex) -> {
			assertThat(ex.reason()).isEqualTo(reason);
			assertThat(ex.batch()).isEqualTo(batch);
		});
	}

}
