package io.telemetry.boot.channel;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

import io.telemetry.Telemetry;
import io.telemetry.boot.channel.caller.CallerSettings;
import io.telemetry.handler.HandlerOptions;
import io.telemetry.pipeline.SignalPipeline;
import io.telemetry.signal.ErrorData;
import io.telemetry.signal.Level;
import io.telemetry.signal.Signal;
import io.telemetry.signal.Uid;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

class BatchReceiverTests {

	private static final Instant NOW = Instant.parse("2026-01-01T00:00:00.500Z");

	private static final Sender STOMP = TestAdmission.stomp(TestAdmission.open(), "c-1", "s-1", null);

	private static final Sender HTTP = TestAdmission.http(TestAdmission.open(), null);

	private final CollectedSignals signals = new CollectedSignals();

	private final SignalPipeline pipeline = SignalPipeline.builder()
		.handler("collected", this.signals, HandlerOptions.DEFAULTS.withMinLevel(Level.TRACE).withQueue(null))
		.build();

	private final ChannelStats stats = new ChannelStats();

	private final BatchReceiver receiver = receiver(false, null);

	private BatchReceiver receiver(boolean trust, String region) {
		ChannelSettings defaults = ChannelSettings.DEFAULTS;
		CallerSettings callers = new CallerSettings(null, trust, false);
		return new BatchReceiver(
				new ChannelSettings("/chsk", List.of(), "node-1", region, defaults.limits(), defaults.memory(),
						defaults.connections(), defaults.threads(), defaults.shutdown(), defaults.warnInterval()),
				new Telemetry(this.pipeline, "test"), this.stats,
				TestAdmission.with(callers, TestAdmission.UNLIMITED, 0), List.of(), null, () -> NOW);
	}

	@AfterEach
	void close() {
		this.pipeline.close();
	}

	@ParameterizedTest
	@CsvSource(nullValues = "-",
			value = { "error, javascript, -, error, error, browser/error",
					"error, promise-rejection, -, error, error, browser/promise-rejection",
					"error, -, -, error, error, browser/error", "log, -, trace, log, trace, browser/log",
					"log, -, debug, log, debug, browser/log", "log, -, warn, log, warn, browser/log",
					"log, -, error, log, error, browser/log", "log, -, fatal, log, fatal, browser/log",
					"log, -, report, log, info, browser/log", "log, -, loud, log, info, browser/log",
					"log, -, -, log, info, browser/log", "metric, page-load, -, metric, info, browser/page-load",
					"metric, Page Load!, -, metric, info, browser/metric",
					"analytics, user-action, -, event, debug, browser/user-action",
					"custom, -, -, event, info, browser/custom", "Custom Thing, -, -, event, info, browser/event",
					"-, -, -, event, info, browser/event", "-, my-event, -, event, info, browser/my-event" })
	void eventBecomesSignalByItsType(String type, String subtype, String level, String kind, String signalLevel,
			String id) {
		receive(STOMP, Batches.batch("b",
				"{" + field("type", type) + field("subtype", subtype) + field("level", level) + "\"x\":1}"));
		Signal signal = this.signals.browser().get(0);
		assertThat(signal.kind()).hasToString(kind);
		assertThat(signal.level()).hasToString(signalLevel);
		assertThat(signal.id()).isEqualTo(id);
		assertThat(signal.namespace()).isEqualTo(id.replace('/', '.'));
		assertThat(signal.message()).isEqualTo("Browser " + ((type != null) ? type : "event"));
		assertThat(signal.timestamp()).isEqualTo(NOW);
		boolean known = type != null && List.of("error", "log", "metric", "analytics").contains(type);
		assertThat(this.stats.snapshot().unknownTypes()).isEqualTo(known ? 0 : 1);
	}

	private static String field(String name, String value) {
		return (value != null) ? "\"" + name + "\":\"" + value + "\"," : "";
	}

	@Test
	void serversKnowledgeIsStrongerThanTheEvents() {
		receive(STOMP, "{\"batch\":\"b\",\"sentAt\":" + (NOW.toEpochMilli() - 300)
				+ ",\"user\":{\"id\":\"alice\"},\"events\":[{\"type\":\"log\",\"timestamp\":5,\"source\":\"x\","
				+ "\"session-id\":\"x\",\"userId\":\"x\",\"claimedUserId\":\"x\",\"connectionId\":\"x\","
				+ "\"browserTimestamp\":1,\"serverReceiveTime\":1,\"clockSkewMs\":1,\"serverId\":\"x\",\"region\":\"x\"}]}");
		Map<String, Object> data = this.signals.browser().get(0).data();
		assertThat(data).containsEntry("source", "browser")
			.containsEntry("sessionId", "s-1")
			.containsEntry("claimedUserId", "alice")
			.containsEntry("connectionId", "c-1")
			.containsEntry("timestamp", 5L)
			.containsEntry("browserTimestamp", 5L)
			.containsEntry("serverReceiveTime", NOW.toEpochMilli())
			.containsEntry("clockSkewMs", 300L)
			.containsEntry("serverId", "node-1")
			.doesNotContainKey("region");
		assertThat((String) data.get("userId")).startsWith("anon-");
	}

	@Test
	void namesOfTheServerAreNeverLeftToTheClient() {
		receive(HTTP, Batches.batch("b", "{\"connectionId\":\"x\",\"clockSkewMs\":1,\"browserTimestamp\":1,"
				+ "\"claimedUserId\":\"x\",\"region\":\"x\",\"userId\":\"x\",\"sessionId\":\"x\"}"));
		assertThat(this.signals.browser().get(0).data()).containsOnlyKeys("source", "sessionId", "userId",
				"serverReceiveTime", "serverId");
	}

	@Test
	void regionIsToldWhereItIsKnown() {
		receiver(false, "eu").receive(STOMP, bytes(Batches.batch("b", "{}")));
		assertThat(this.signals.browser().get(0).data()).containsEntry("region", "eu");
	}

	@Test
	void userIsThePrincipalElseTheTrustedClaimElseTheSessionsOwn() {
		String batch = "{\"batch\":\"%s\",\"session\":{\"id\":\"s-9\"},\"user\":{\"id\":\"alice\"},\"events\":[{}]}";
		receiver(true, null).receive(HTTP, bytes(batch.formatted("1")));
		receiver(true, null).receive(TestAdmission.http(TestAdmission.open(), "bob"), bytes(batch.formatted("2")));
		this.receiver.receive(HTTP, bytes(batch.formatted("3")));
		this.receiver.receive(TestAdmission.stomp(TestAdmission.open(), "c", "s-9", null), bytes(batch.formatted("4")));
		List<Object> users = this.signals.browser().stream().map((signal) -> signal.data().get("userId")).toList();
		assertThat(users.subList(0, 2)).containsExactly("alice", "bob");
		assertThat((String) users.get(2)).startsWith("anon-").isEqualTo(users.get(3));
	}

	@Test
	void errorIsMadeOfTheEventsFields() {
		receive(STOMP, Batches.batch("b",
				"{\"type\":\"error\",\"subtype\":\"javascript\",\"message\":\"Cannot read\",\"stack\":\"TypeError: Cannot read\\n at x\"}",
				"{\"type\":\"error\",\"message\":\"Uncaught RangeError: no\"}",
				"{\"type\":\"error\",\"subtype\":\"network\",\"message\":\"HTTP 500\"}",
				"{\"type\":\"error\",\"errorType\":\"MyError\",\"message\":\"m\"}",
				"{\"type\":\"log\",\"stack\":\"s\"}"));
		List<Signal> signals = this.signals.browser();
		assertThat(signals).extracting(Signal::error)
			.containsExactly(ErrorData.of("TypeError", "Cannot read", "TypeError: Cannot read\n at x"),
					ErrorData.of("RangeError", "Uncaught RangeError: no", null),
					ErrorData.of("network", "HTTP 500", null), ErrorData.of("MyError", "m", null), null);
		assertThat(signals.get(0).data()).containsKey("stack");
	}

	@Test
	void replayMakesTheSameUids() {
		String batch = Batches.of("s-1", "b", "{}", "1", "{}");
		receive(STOMP, batch);
		// A server that has been restarted
		receiver(false, null).receive(HTTP, bytes(batch));
		List<Signal> signals = this.signals.browser();
		assertThat(signals).hasSize(4);
		assertThat(signals.get(0).uid()).isEqualTo(signals.get(2).uid());
		assertThat(signals.get(1).uid()).isEqualTo(signals.get(3).uid()).isNotEqualTo(signals.get(0).uid());
	}

	@Test
	void sameIdOfAnotherSessionIsAnotherBatch() {
		receive(HTTP, Batches.of("s-1", "b", "{}"));
		receive(HTTP, Batches.of("s-2", "b", "{}"));
		assertThat(this.signals.browser()).hasSize(2);
		assertThat(this.stats.snapshot().duplicates()).isZero();
	}

	@Test
	void refusedBatchIsNotRemembered() {
		assertThat(receive(STOMP, "{\"batch\":\"b\",\"events\":[{}")).isInstanceOf(Answer.Refused.class);
		assertThat(receive(STOMP, Batches.batch("b", "{}"))).isEqualTo(new Answer.Accepted("b", 1, List.of(), false));
	}

	@Test
	void failureOfTheServersOwnIsToldAndAnswered() {
		ChannelSettings settings = ChannelSettings.DEFAULTS;
		BatchReceiver failing = new BatchReceiver(settings, new Telemetry(this.pipeline, "test"), this.stats,
				TestAdmission.open(), List.of(), null, () -> {
					throw new IllegalStateException("no clock");
				});
		assertThat(failing.receive(STOMP, bytes(Batches.batch("b", "{}"))).toCompletableFuture().join())
			.isEqualTo(new Answer.Refused("b", RefusalReason.MALFORMED, 0));
		failing.receive(STOMP, bytes(Batches.batch("b", "{}")));
		assertThat(this.signals.withId("channel/processing-error")).singleElement().satisfies((signal) -> {
			assertThat(signal.level()).isEqualTo(Level.ERROR);
			assertThat(signal.data()).containsEntry("batch", "b").containsEntry("count", 1L);
			assertThat(signal.error()).extracting(ErrorData::message).isEqualTo("no clock");
		});
		assertThat(this.stats.snapshot().processingErrors()).isEqualTo(2);
	}

	@Test
	void countsClose() {
		receive(STOMP, Batches.batch("a", "{}", "1", "{}"));
		receive(STOMP, Batches.batch("a", "{}", "1", "{}"));
		receive(STOMP, "nonsense");
		receive(STOMP, "{\"batch\":\"d\",\"dropped\":{\"buffer-full\":2,\"age\":3},\"events\":[]}");
		ChannelStats.Snapshot counts = this.stats.snapshot();
		assertThat(counts.batchesAccepted()).isEqualTo(2);
		assertThat(counts.duplicates()).isEqualTo(1);
		assertThat(counts.batchesRefused()).containsEntry("malformed", 1L).containsEntry("too-large", 0L);
		assertThat(counts.eventsAccepted()).isEqualTo(2);
		assertThat(counts.eventsRejected()).containsEntry("not-an-object", 1L);
		assertThat(counts.droppedByClients()).isEqualTo(Map.of("buffer-full", 2L, "age", 3L));
	}

	@Test
	void batchIsToldOfAtDebug() {
		receive(STOMP, Batches.batch("a", "{}", "1"));
		Signal signal = this.signals.withId("channel/batch-received").get(0);
		assertThat(signal.level()).isEqualTo(Level.DEBUG);
		assertThat(signal.data()).containsEntry("batch", "a")
			.containsEntry("accepted", 1)
			.containsEntry("rejected", 1)
			.containsEntry("road", "stomp");
	}

	@Test
	void ofManyThatBringTheSameBatchOneHandsItOn() throws Exception {
		int threads = 8;
		ExecutorService executor = Executors.newFixedThreadPool(threads);
		try {
			for (int round = 0; round < 100; round++) {
				byte[] body = bytes(Batches.batch("race-" + round, "{}"));
				CountDownLatch start = new CountDownLatch(1);
				List<Future<Answer>> answers = java.util.stream.IntStream.range(0, threads)
					.mapToObj((i) -> executor.submit(() -> {
						start.await();
						return this.receiver.receive(STOMP, body).toCompletableFuture().join();
					}))
					.toList();
				start.countDown();
				int first = 0;
				for (Future<Answer> answer : answers) {
					first += ((Answer.Accepted) answer.get(10, TimeUnit.SECONDS)).duplicate() ? 0 : 1;
				}
				assertThat(first).isOne();
			}
		}
		finally {
			executor.shutdownNow();
		}
		assertThat(this.signals.browser()).hasSize(100);
	}

	@Test
	void memoryIsBoundedByCountAndTime() {
		long[] now = new long[1];
		AnswerMemory memory = new AnswerMemory(new ChannelSettings.Memory(2, Duration.ofNanos(100)), () -> now[0]);
		Answer.Accepted answer = new Answer.Accepted("b", 0, List.of(), false);
		Uid[] uids = new Uid[3];
		for (int i = 0; i < 3; i++) {
			uids[i] = Uid.derivedFrom("b-" + i);
			assertThat(memory.remember(uids[i], answer, null)).isNull();
		}
		assertThat(memory.size()).isEqualTo(2);
		assertThat(memory.remember(uids[2], answer, null)).isNotNull();
		now[0] = 101;
		assertThat(memory.remember(uids[2], answer, null)).isNull();
		assertThat(memory.size()).isEqualTo(1);
	}

	@Test
	void memoryIsBoundedByWhatTheAnswersHold() {
		long[] now = new long[1];
		AnswerMemory memory = new AnswerMemory(new ChannelSettings.Memory(100, Duration.ofNanos(100)), () -> now[0]);
		// Two kilobytes of "[1,1,1,...]" make a thousand of these
		Answer.Accepted heavy = new Answer.Accepted("b", 0,
				Collections.nCopies(300, new Rejection(0, RejectReason.NOT_AN_OBJECT)), false);
		for (int i = 0; i < 10; i++) {
			assertThat(memory.remember(Uid.derivedFrom("heavy-" + i), heavy, null)).isNull();
		}
		assertThat(memory.size()).isEqualTo(1);
		assertThat(memory.remember(Uid.derivedFrom("heavy-9"), heavy, null)).isNotNull();
		// What is forgotten weighs nothing any more
		now[0] = 101;
		Answer.Accepted light = new Answer.Accepted("b", 1, List.of(), false);
		for (int i = 0; i < 100; i++) {
			assertThat(memory.remember(Uid.derivedFrom("light-" + i), light, null)).isNull();
		}
		assertThat(memory.size()).isEqualTo(100);
	}

	private Answer receive(Sender sender, String body) {
		return this.receiver.receive(sender, bytes(body)).toCompletableFuture().join();
	}

	private static byte[] bytes(String body) {
		return body.getBytes(StandardCharsets.UTF_8);
	}

}
