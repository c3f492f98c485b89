package io.telemetry.boot.channel;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

import io.telemetry.boot.channel.ChannelSettings.Limits;
import io.telemetry.encode.Format;
import io.telemetry.encode.SignalEncoder;
import io.telemetry.signal.Signal;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Looks at every signal that was made of what clients sent: it has to be within the
 * limits, to say nothing of the client's where only the server speaks, and to be one line
 * of JSON. What is wrong is kept until somebody asks, because a pipeline contains what a
 * handler throws.
 */
final class SignalJudge implements Consumer<Signal> {

	private static final List<String> SERVERS = List.of("source", "sessionId", "userId", "connectionId",
			"browserTimestamp", "serverReceiveTime", "clockSkewMs", "serverId", "region");

	private static final JsonMapper JSON = JsonMapper
		.builder(JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build())
		.build();

	private static final SignalEncoder ENCODER = Format.JSON.newEncoder();

	private final Limits limits;

	private final AtomicLong browser = new AtomicLong();

	private final AtomicReference<Throwable> failure = new AtomicReference<>();

	SignalJudge(Limits limits) {
		this.limits = limits;
	}

	/**
	 * How many signals came from browsers.
	 */
	long browser() {
		return this.browser.get();
	}

	void assertContent() {
		if (this.failure.get() != null) {
			throw new AssertionError("A signal is not as it has to be", this.failure.get());
		}
	}

	@Override
	public void accept(Signal signal) {
		try {
			if (signal.namespace().startsWith("browser.")) {
				this.browser.incrementAndGet();
				judge(signal);
			}
			else {
				assertThat(signal.id()).isNotEqualTo("channel/processing-error");
				assertThat(signal.message()).doesNotMatch("(?s).*\\p{Cntrl}.*");
			}
			assertOneLineOfJson(signal);
		}
		catch (Throwable ex) {
			this.failure.compareAndSet(null, ex);
		}
	}

	private void judge(Signal signal) {
		assertThat(signal.id()).matches("browser/[a-z0-9-]{1,40}");
		assertThat(signal.namespace()).isEqualTo("browser." + signal.id().substring(8));
		Map<String, Object> data = signal.data();
		assertThat(data).containsEntry("source", "browser").containsEntry("serverId", "node-1");
		assertThat((String) data.get("sessionId")).matches("[A-Za-z0-9_-]{1,64}");
		assertThat((String) data.get("userId")).startsWith("anon-");
		assertThat(data.get("serverReceiveTime")).isEqualTo(signal.timestamp().toEpochMilli());
		for (String name : SERVERS) {
			if (!name.equals("sessionId")) {
				assertThat(String.valueOf(data.get(name))).as(name).doesNotContain(Hostile.FORGED);
			}
		}
		for (String name : List.of("browserTimestamp", "clockSkewMs")) {
			assertThat(data.getOrDefault(name, 1L)).as(name).isInstanceOf(Long.class);
		}
		int[] values = new int[1];
		judge(data, 1, values);
		assertThat(values[0]).isLessThanOrEqualTo(this.limits.maxKeys() * Limits.VALUES_PER_KEY + 10);
		if (signal.message() != null) {
			assertThat(signal.message().length()).isLessThanOrEqualTo(Math.max(60, this.limits.maxStringLength()));
		}
	}

	private void judge(Object value, int depth, int[] values) {
		if (value instanceof Map<?, ?> map) {
			assertThat(depth).isLessThanOrEqualTo(this.limits.maxDepth());
			assertThat(map.size()).isLessThanOrEqualTo(this.limits.maxKeys() + ((depth == 1) ? 10 : 0));
			map.forEach((name, element) -> {
				assertThat(((String) name).length()).isLessThanOrEqualTo(BatchDecoder.MAX_NAME_LENGTH);
				values[0]++;
				judge(element, depth + 1, values);
			});
		}
		else if (value instanceof Collection<?> list) {
			assertThat(depth).isLessThanOrEqualTo(this.limits.maxDepth());
			list.forEach((element) -> {
				values[0]++;
				judge(element, depth + 1, values);
			});
		}
		else if (value instanceof String text) {
			assertThat(text.length()).isLessThanOrEqualTo(Math.max(256, this.limits.maxStringLength()));
		}
		else if (value instanceof Double number) {
			assertThat(number).isFinite();
		}
		else if (value instanceof Number number) {
			assertThat(number.toString().length()).isLessThanOrEqualTo(65);
		}
	}

	private static void assertOneLineOfJson(Signal signal) throws Exception {
		ByteArrayOutputStream out = new ByteArrayOutputStream();
		ENCODER.encode(signal, out);
		byte[] line = out.toByteArray();
		String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(line)).toString();
		assertThat(text.chars().noneMatch(Character::isISOControl)).as(text).isTrue();
		JsonNode json = JSON.readTree(line);
		assertThat(json.isObject()).isTrue();
		assertThat(json.path("ns").asString()).isEqualTo(signal.namespace());
		if (signal.namespace().startsWith("browser.")) {
			assertThat(json.path("data").path("source").asString()).isEqualTo("browser");
			assertThat(json.path("data").path("userId").asString()).isEqualTo(signal.data().get("userId"));
		}
	}

}
