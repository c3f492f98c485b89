package io.telemetry.boot.channel.limit;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

import io.telemetry.boot.InvalidSettingException;
import io.telemetry.boot.channel.limit.ConnectionSlots.Claim;
import io.telemetry.boot.channel.limit.ConnectionSlots.Limit;
import io.telemetry.boot.channel.limit.ConnectionSlots.Refused;
import io.telemetry.boot.channel.limit.ConnectionSlots.Slot;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class ConnectionSlotsTests {

	private static final Duration PATIENCE = Duration.ofSeconds(15);

	private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE);

	private final ConnectionSlots slots = new ConnectionSlots(new ConnectionLimits(6, 3, Map.of("shop", 2)),
			this.nanos::get);

	@Test
	void eachLimitHoldsAndSaysWhich() {
		Slot first = slot("a", "shop");
		slot("a", "shop");
		assertThat(this.slots.take("a", "shop")).isEqualTo(new Refused(Limit.APPLICATION));
		slot("a", "blog");
		assertThat(this.slots.take("a", null)).isEqualTo(new Refused(Limit.ADDRESS));
		slot("b", null);
		slot(null, null);
		slot(null, "blog");
		assertThat(this.slots.take(null, null)).isEqualTo(new Refused(Limit.TOTAL));
		assertThat(this.slots.take("c", "blog")).isEqualTo(new Refused(Limit.TOTAL));
		ConnectionSlots.Snapshot full = this.slots.snapshot();
		assertThat(full.open()).isEqualTo(6);
		assertThat(full.addresses()).isEqualTo(2);
		assertThat(full.applications()).isEqualTo(Map.of("shop", 2));
		assertThat(full.refused()).isEqualTo(Map.of("address", 1L, "application", 1L, "total", 2L));
		first.release();
		slot("a", "shop");
	}

	@Test
	void whatIsRefusedTakesNothing() {
		slot("a", "shop");
		slot("b", "shop");
		for (int i = 0; i < 100; i++) {
			assertThat(this.slots.take("c", "shop")).isEqualTo(new Refused(Limit.APPLICATION));
		}
		assertThat(this.slots.snapshot().open()).isEqualTo(2);
		assertThat(this.slots.snapshot().addresses()).isEqualTo(2);
		slot("c", null);
	}

	@Test
	void slotIsReleasedOnce() {
		Slot slot = slot("a", "shop");
		slot("a", "shop");
		slot.release();
		slot.release();
		assertThat(this.slots.snapshot().open()).isOne();
		assertThat(this.slots.snapshot().applications()).isEqualTo(Map.of("shop", 1));
		assertThat(slot.opened()).isFalse();
	}

	@Test
	void onlyAddressesWithOpenConnectionsAreRemembered() {
		for (int i = 0; i < 10_000; i++) {
			slot("a" + i, null).release();
		}
		assertThat(this.slots.snapshot().addresses()).isZero();
	}

	@Test
	void handshakeThatNeverBecomesAConnectionGivesItsSlotBack() {
		Slot lost = slot("a", "shop");
		Slot opened = slot("a", "shop");
		assertThat(opened.opened()).isTrue();
		this.nanos.addAndGet(PATIENCE.toNanos());
		Slot young = slot("b", null);
		assertThat(this.slots.sweep(PATIENCE)).isZero();
		this.nanos.addAndGet(1);
		assertThat(this.slots.sweep(PATIENCE)).isOne();
		assertThat(this.slots.sweep(PATIENCE)).isZero();
		assertThat(lost.opened()).isFalse();
		lost.release();
		assertThat(young.opened()).isTrue();
		assertThat(opened.opened()).isTrue();
		ConnectionSlots.Snapshot snapshot = this.slots.snapshot();
		assertThat(snapshot.open()).isEqualTo(2);
		assertThat(snapshot.abandoned()).isOne();
		assertThat(snapshot.applications()).isEqualTo(Map.of("shop", 1));
	}

	@Test
	void countsNeverDriftHoweverManyOpenAndCloseAtOnce() throws Exception {
		ConnectionLimits limits = new ConnectionLimits(40, 12, Map.of("shop", 15));
		ConnectionSlots shared = new ConnectionSlots(limits);
		AtomicInteger held = new AtomicInteger();
		AtomicInteger heldByShop = new AtomicInteger();
		ExecutorService threads = Executors.newFixedThreadPool(4);
		try {
			CyclicBarrier start = new CyclicBarrier(4);
			List<Future<?>> done = new ArrayList<>();
			for (int thread = 0; thread < 4; thread++) {
				Random random = new Random(thread);
				done.add(threads.submit(() -> {
					List<Runnable> open = new ArrayList<>();
					start.await(10, TimeUnit.SECONDS);
					for (int i = 0; i < 50_000; i++) {
						if (random.nextInt(5) < 3) {
							boolean shop = random.nextBoolean();
							Claim claim = shared.take("a" + random.nextInt(5), shop ? "shop" : "blog");
							if (claim instanceof Slot slot) {
								assertThat(held.incrementAndGet()).isLessThanOrEqualTo(limits.most());
								if (shop) {
									assertThat(heldByShop.incrementAndGet()).isLessThanOrEqualTo(15);
								}
								if (random.nextBoolean()) {
									slot.opened();
								}
								open.add(() -> {
									held.decrementAndGet();
									if (shop) {
										heldByShop.decrementAndGet();
									}
									slot.release();
									slot.release();
								});
							}
						}
						else if (!open.isEmpty()) {
							open.remove(random.nextInt(open.size())).run();
						}
						if (i % 1_000 == 0) {
							assertThat(shared.snapshot().open()).isBetween(0, limits.most());
							shared.sweep(Duration.ofDays(1));
						}
					}
					open.forEach(Runnable::run);
					return null;
				}));
			}
			for (Future<?> each : done) {
				each.get(60, TimeUnit.SECONDS);
			}
		}
		finally {
			threads.shutdownNow();
		}
		ConnectionSlots.Snapshot end = shared.snapshot();
		assertThat(end.open()).isZero();
		assertThat(end.addresses()).isZero();
		assertThat(end.applications()).isEqualTo(Map.of("shop", 0));
		assertThat(end.refused().values()).allSatisfy((count) -> assertThat(count).isPositive());
		for (int i = 0; i < 12; i++) {
			assertThat(shared.take("a", null)).isInstanceOf(Slot.class);
		}
	}

	@Test
	void releaseAndSweepThatMeetGiveTheSlotBackOnce() throws Exception {
		ExecutorService threads = Executors.newFixedThreadPool(2);
		try {
			for (int round = 0; round < 2_000; round++) {
				Slot slot = slot("a", "shop");
				this.nanos.addAndGet(PATIENCE.toNanos() + 1);
				CyclicBarrier start = new CyclicBarrier(2);
				Future<?> release = threads.submit(() -> {
					start.await(10, TimeUnit.SECONDS);
					slot.release();
					return null;
				});
				Future<?> sweep = threads.submit(() -> {
					start.await(10, TimeUnit.SECONDS);
					this.slots.sweep(PATIENCE);
					return null;
				});
				release.get(10, TimeUnit.SECONDS);
				sweep.get(10, TimeUnit.SECONDS);
				assertThat(this.slots.snapshot().open()).isZero();
				assertThat(this.slots.snapshot().addresses()).isZero();
			}
		}
		finally {
			threads.shutdownNow();
		}
	}

	@Test
	void limitOutOfRangeIsRefused() {
		assertThatExceptionOfType(InvalidSettingException.class).isThrownBy(() -> new ConnectionLimits(0, 1, Map.of()))
			.withMessage("max-connections must be between 1 and 10000000, but is '0'");
		assertThatExceptionOfType(InvalidSettingException.class)
			.isThrownBy(() -> new ConnectionLimits(1, 10_000_001, Map.of()))
			.withMessageStartingWith("max-connections-per-address");
		assertThatExceptionOfType(InvalidSettingException.class)
			.isThrownBy(() -> new ConnectionLimits(1, 1, Map.of("shop", -1)))
			.withMessageStartingWith("applications.shop.max-connections");
	}

	private Slot slot(String address, String application) {
		Claim claim = this.slots.take(address, application);
		assertThat(claim).isInstanceOf(Slot.class);
		return (Slot) claim;
	}

}
