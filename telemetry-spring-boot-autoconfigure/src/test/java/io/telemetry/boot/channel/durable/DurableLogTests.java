package io.telemetry.boot.channel.durable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

import io.telemetry.boot.InvalidSettingException;
import io.telemetry.boot.channel.Patience;
import io.telemetry.journal.JournalException;
import io.telemetry.journal.Refused;
import io.telemetry.signal.Delivery;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;

class DurableLogTests {

	@TempDir
	private Path directory;

	private final List<DurableLog> opened = new ArrayList<>();

	private final List<Throwable> failures = new CopyOnWriteArrayList<>();

	private DurableLog open() throws IOException {
		return open(8 << 20);
	}

	private DurableLog open(long maxSize) throws IOException {
		DurableLog log = new DurableLog(new DurableSettings(this.directory, maxSize, Duration.ofMillis(1)), 1 << 20,
				1024, 1000, Duration.ofHours(1));
		this.opened.add(log);
		return log;
	}

	@AfterEach
	void close() throws IOException {
		for (DurableLog log : this.opened) {
			log.close();
		}
	}

	private static void keep(DurableLog log, String name) throws Exception {
		keep(log, name, name);
	}

	private static void keep(DurableLog log, String receipt, String content) throws Exception {
		log.keep(receipt.getBytes(StandardCharsets.UTF_8), ByteBuffer.wrap("<".getBytes(StandardCharsets.UTF_8)),
				ByteBuffer.wrap(content.getBytes(StandardCharsets.UTF_8)))
			.toCompletableFuture()
			.get(10, TimeUnit.SECONDS);
	}

	private static String text(ByteBuffer content) {
		String text = StandardCharsets.UTF_8.decode(content).toString();
		assertThat(text).startsWith("<");
		return text.substring(1);
	}

	private List<String> start(DurableLog log) {
		List<String> received = new CopyOnWriteArrayList<>();
		start(log, (content, delivery) -> received.add(text(content)));
		return received;
	}

	private void start(DurableLog log, DurableLog.Receiver receiver) {
		log.start(receiver, () -> false, this.failures::add);
	}

	private static List<String> receipts(DurableLog log) throws IOException {
		List<String> receipts = new ArrayList<>();
		log.recall((receipt, writtenAt) -> receipts.add(new String(receipt, StandardCharsets.UTF_8)));
		return receipts;
	}

	@Test
	void whatIsDeliveredIsNotHandedOnAgainAndItsReceiptIsThere() throws Exception {
		DurableLog log = open();
		assertThat(receipts(log)).isEmpty();
		keep(log, "a");
		List<String> received = start(log);
		keep(log, "b");
		Patience.await().untilAsserted(() -> assertThat(received).containsExactly("a", "b"));
		log.close();
		DurableLog next = open();
		assertThat(receipts(next)).containsExactly("a", "b");
		List<String> again = start(next);
		keep(next, "c");
		Patience.await().untilAsserted(() -> assertThat(again).containsExactly("c"));
		assertThat(this.failures).isEmpty();
	}

	@Test
	void whatSomebodyStillHoldsIsHandedOnAgainAfterTheNextStart() throws Exception {
		DurableLog log = open();
		List<Delivery> held = new CopyOnWriteArrayList<>();
		start(log, (content, delivery) -> {
			delivery.hold();
			held.add(delivery);
		});
		keep(log, "a");
		keep(log, "b");
		keep(log, "c");
		Patience.await().until(() -> held.size() == 3);
		// Behind one that is held
		held.get(1).done();
		assertThat(log.stats().waiting()).isEqualTo(3);
		log.close();
		held.get(0).done();
		DurableLog next = open();
		assertThat(receipts(next)).containsOnly("a", "b", "c");
		List<String> again = start(next);
		Patience.await().untilAsserted(() -> assertThat(again).containsExactly("a", "b", "c"));
		Patience.await().until(() -> next.stats().waiting() == 0 && next.stats().inHand() == 0);
	}

	@Test
	void whatIsNotHandedOnAtAllIsHandedOnAfterTheNextStart() throws Exception {
		DurableLog log = open();
		keep(log, "a");
		log.close();
		DurableLog next = open();
		assertThat(receipts(next)).containsExactly("a");
		assertThat(start(next)).satisfies((received) -> Patience.await().until(() -> received.equals(List.of("a"))));
	}

	@Test
	void whatIsAbandonedWhileItRunsIsHandedOnOnceMore() throws Exception {
		DurableLog log = open();
		AtomicInteger times = new AtomicInteger();
		start(log, (content, delivery) -> {
			if (times.incrementAndGet() == 1) {
				delivery.hold();
				delivery.hold();
				delivery.abandon();
				delivery.done();
			}
		});
		keep(log, "a");
		Patience.await().until(() -> times.get() == 2 && log.stats().waiting() == 0);
		assertThat(log.stats().redelivered()).isOne();
	}

	@Test
	void whatCantBeHandedOnIsGivenUpAndCounted() throws Exception {
		DurableLog log = open();
		start(log, (content, delivery) -> {
			throw new IllegalStateException("broken on purpose");
		});
		keep(log, "a");
		Patience.await().until(() -> log.stats().waiting() == 0);
		assertThat(log.stats().failed()).isOne();
		assertThat(this.failures).singleElement().satisfies((ex) -> assertThat(ex).hasMessage("broken on purpose"));
	}

	@Test
	void nothingIsHandedOnWhileHandlersAreBusyAndAllOfItAtTheEnd() throws Exception {
		DurableLog log = open();
		AtomicBoolean busy = new AtomicBoolean(true);
		CountDownLatch asked = new CountDownLatch(3);
		List<String> received = new CopyOnWriteArrayList<>();
		log.start((content, delivery) -> received.add(text(content)), () -> {
			asked.countDown();
			return busy.get();
		}, this.failures::add);
		keep(log, "a");
		assertThat(asked.await(10, TimeUnit.SECONDS)).isTrue();
		assertThat(received).isEmpty();
		busy.set(false);
		Patience.await().until(() -> received.equals(List.of("a")));
		busy.set(true);
		keep(log, "b");
		log.stop(Duration.ofSeconds(10));
		assertThat(received).containsExactly("a", "b");
	}

	@Test
	void stoppingInterruptsWhoIsStuckAndTheNextStartGoesOnThere() throws Exception {
		DurableLog log = open();
		CountDownLatch stuck = new CountDownLatch(1);
		start(log, (content, delivery) -> {
			delivery.hold();
			stuck.countDown();
			try {
				new CountDownLatch(1).await();
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
				delivery.abandon();
			}
		});
		keep(log, "a");
		keep(log, "b");
		assertThat(stuck.await(10, TimeUnit.SECONDS)).isTrue();
		log.stop(Duration.ZERO);
		List<String> received = start(log);
		Patience.await().untilAsserted(() -> assertThat(received).containsExactlyInAnyOrder("a", "b"));
		Patience.await().until(() -> log.stats().waiting() == 0);
		assertThat(this.failures).isEmpty();
	}

	@Test
	void aFullLogRefusesAndTakesAgainWhenThereIsRoom() throws Exception {
		DurableLog log = open(4 << 20);
		String content = "x".repeat(1_000_000);
		List<String> kept = new ArrayList<>();
		assertThatExceptionOfType(JournalException.class).isThrownBy(() -> {
			for (int i = 0; i < 100; i++) {
				keep(log, "big-" + i, content);
				kept.add("big-" + i);
			}
		}).satisfies((ex) -> assertThat(ex.reason()).isEqualTo(Refused.FULL));
		assertThat(kept).hasSizeGreaterThan(1);
		assertThat(log.stats().refused()).containsEntry("full", 1L);
		AtomicInteger received = new AtomicInteger();
		start(log, (ignored, delivery) -> received.incrementAndGet());
		Patience.await().until(() -> received.get() == kept.size());
		Patience.await().ignoreException(JournalException.class).until(() -> {
			keep(log, "small");
			return true;
		});
	}

	@Test
	void aDirectoryInUseIsRefusedWithItsName() throws Exception {
		open();
		assertThatIOException().isThrownBy(this::open).withMessageContaining(this.directory.toString());
	}

	@Test
	void settingsOutOfRangeAreRefused() {
		assertThatExceptionOfType(InvalidSettingException.class)
			.isThrownBy(() -> new DurableSettings(this.directory, 1024, Duration.ZERO))
			.withMessageContaining("4MB");
		assertThatExceptionOfType(InvalidSettingException.class)
			.isThrownBy(() -> new DurableSettings(this.directory, 8 << 20, Duration.ofSeconds(2)))
			.withMessageContaining("1s");
	}

	/**
	 * Handlers that finish in any order, on any thread, and abandon now and then.
	 */
	@Test
	void whatManyKeepAndManyDeliverIsDeliveredToTheLast() throws Exception {
		int batches = 2000;
		Map<String, Integer> delivered = new ConcurrentHashMap<>();
		ExecutorService handlers = Executors.newFixedThreadPool(4);
		ExecutorService clients = Executors.newFixedThreadPool(4);
		try {
			DurableLog log = open();
			start(log, (content, delivery) -> {
				String name = text(content);
				delivery.hold();
				delivery.hold();
				handlers.execute(delivery::done);
				handlers.execute(() -> {
					if (ThreadLocalRandom.current().nextInt(500) == 0) {
						delivery.abandon();
					}
					else {
						delivered.merge(name, 1, Integer::sum);
						delivery.done();
					}
				});
			});
			List<Future<?>> keeping = new ArrayList<>();
			for (int i = 0; i < batches; i++) {
				String name = "b-" + i;
				keeping.add(clients.submit(() -> {
					keep(log, name);
					return null;
				}));
			}
			for (Future<?> kept : keeping) {
				kept.get(30, TimeUnit.SECONDS);
			}
			Patience.await().until(() -> log.stats().waiting() == 0);
			assertThat(delivered).hasSize(batches);
			assertThat(delivered.values()).containsOnly(1);
			assertThat(log.stats().inHand()).isZero();
			log.close();
			assertThat(receipts(open())).doesNotHaveDuplicates().hasSizeGreaterThanOrEqualTo(1000);
		}
		finally {
			handlers.shutdownNow();
			clients.shutdownNow();
		}
	}

}
