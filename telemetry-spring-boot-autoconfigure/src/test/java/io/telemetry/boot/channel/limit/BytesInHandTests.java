package io.telemetry.boot.channel.limit;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

import io.telemetry.boot.InvalidSettingException;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class BytesInHandTests {

	private static final int LIMIT = 64 * 1024;

	private final BytesInHand inHand = new BytesInHand(LIMIT, 0);

	@Test
	void thereIsRoomToTheLastByte() {
		assertThat(this.inHand.reserve(LIMIT - 1)).isTrue();
		assertThat(this.inHand.reserve(2)).isFalse();
		assertThat(this.inHand.reserve(1)).isTrue();
		assertThat(this.inHand.reserve(1)).isFalse();
		this.inHand.release(1);
		assertThat(this.inHand.snapshot()).isEqualTo(new BytesInHand.Snapshot(LIMIT, LIMIT - 1, LIMIT, 2));
	}

	@Test
	void limitOfLessThanABatchIsRefused() {
		new BytesInHand(2 * 1024 + LIMIT, 1024);
		assertThatExceptionOfType(InvalidSettingException.class)
			.isThrownBy(() -> new BytesInHand(2 * 1024 + LIMIT - 1, 1024))
			.withMessage("overload.max-in-hand must be at least 67584B, which a batch of max-batch-size can need "
					+ "before and after decompression, but is '67583B'");
	}

	@Test
	void whatIsReservedByManyThreadsIsNeverOverTheLimitAndAllGivenBack() throws Exception {
		List<Thread> threads = new ArrayList<>();
		long[] refused = new long[4];
		for (int i = 0; i < refused.length; i++) {
			int index = i;
			threads.add(new Thread(() -> refused[index] = reserveAndRelease(new Random(index))));
		}
		threads.forEach(Thread::start);
		for (Thread thread : threads) {
			thread.join(15_000);
		}
		BytesInHand.Snapshot snapshot = this.inHand.snapshot();
		assertThat(snapshot.used()).isZero();
		assertThat(snapshot.highest()).isBetween(1L, (long) LIMIT);
		assertThat(snapshot.refused()).isEqualTo(refused[0] + refused[1] + refused[2] + refused[3]).isPositive();
	}

	private long reserveAndRelease(Random random) {
		List<Integer> held = new ArrayList<>();
		long refused = 0;
		for (int i = 0; i < 50_000; i++) {
			int bytes = random.nextInt(LIMIT / 2);
			if (this.inHand.reserve(bytes)) {
				held.add(bytes);
			}
			else {
				refused++;
			}
			if (!held.isEmpty() && random.nextBoolean()) {
				this.inHand.release(held.remove(held.size() - 1));
			}
		}
		held.forEach(this.inHand::release);
		return refused;
	}

}
