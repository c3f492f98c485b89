package io.telemetry.boot.channel;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class MailboxTests {

	private final AtomicInteger callerRuns = new AtomicInteger();

	@Test
	void tasksAreDoneInOrderAndNoneIsLost() throws Exception {
		ThreadPoolExecutor threads = new ThreadPoolExecutor(3, 3, 1, TimeUnit.SECONDS, new ArrayBlockingQueue<>(2));
		try {
			List<List<Integer>> done = IntStream.range(0, 8)
				.mapToObj((i) -> Collections.synchronizedList(new ArrayList<Integer>()))
				.toList();
			CountDownLatch left = new CountDownLatch(8 * 2000);
			List<Thread> readers = new ArrayList<>();
			for (List<Integer> results : done) {
				Mailbox mailbox = new Mailbox(threads, 4, this.callerRuns::incrementAndGet);
				Thread reader = new Thread(() -> IntStream.range(0, 2000).forEach((i) -> mailbox.put(() -> {
					results.add(i);
					left.countDown();
				})));
				readers.add(reader);
				reader.start();
			}
			for (Thread reader : readers) {
				reader.join(10_000);
			}
			assertThat(left.await(10, TimeUnit.SECONDS)).isTrue();
			List<Integer> expected = IntStream.range(0, 2000).boxed().toList();
			assertThat(done).allSatisfy((results) -> assertThat(results).isEqualTo(expected));
		}
		finally {
			threads.shutdownNow();
		}
	}

	@Test
	void readerWorksWhereNoThreadIsLeft() {
		Executor full = (task) -> {
			throw new RejectedExecutionException("full");
		};
		List<String> done = new ArrayList<>();
		Mailbox mailbox = new Mailbox(full, 4, this.callerRuns::incrementAndGet);
		mailbox.put(() -> done.add("a on " + Thread.currentThread().getName()));
		assertThat(done).containsExactly("a on " + Thread.currentThread().getName());
		assertThat(this.callerRuns).hasValue(1);
	}

	@Test
	void readerWorksWhereTooMuchWaits() {
		List<Runnable> scheduled = new ArrayList<>();
		List<Integer> done = new ArrayList<>();
		Mailbox mailbox = new Mailbox(scheduled::add, 2, this.callerRuns::incrementAndGet);
		mailbox.put(() -> done.add(1));
		mailbox.put(() -> done.add(2));
		assertThat(done).isEmpty();
		mailbox.put(() -> done.add(3));
		assertThat(done).containsExactly(1, 2, 3);
		scheduled.forEach(Runnable::run);
		assertThat(done).hasSize(3);
		assertThat(this.callerRuns).hasValue(1);
	}

	@Test
	void whatIsLeftIsDoneWhereNoThreadComesForIt() throws Exception {
		List<Integer> done = new ArrayList<>();
		Mailbox mailbox = new Mailbox((task) -> {
			// Never
		}, 4, this.callerRuns::incrementAndGet);
		mailbox.put(() -> done.add(1));
		mailbox.put(() -> done.add(2));
		assertThat(done).isEmpty();
		assertThat(mailbox.finish(System.nanoTime())).isTrue();
		assertThat(done).containsExactly(1, 2);
	}

	@Test
	void whatIsLeftBehindATaskThatDoesNotEndIsNotWaitedForPastTheDeadline() throws Exception {
		CountDownLatch begun = new CountDownLatch(1);
		CountDownLatch gate = new CountDownLatch(1);
		ThreadPoolExecutor threads = new ThreadPoolExecutor(1, 1, 1, TimeUnit.SECONDS, new ArrayBlockingQueue<>(2));
		try {
			Mailbox mailbox = new Mailbox(threads, 4, this.callerRuns::incrementAndGet);
			mailbox.put(() -> {
				begun.countDown();
				try {
					gate.await();
				}
				catch (InterruptedException ex) {
					Thread.currentThread().interrupt();
				}
			});
			assertThat(begun.await(10, TimeUnit.SECONDS)).isTrue();
			assertThat(mailbox.finish(System.nanoTime())).isFalse();
			gate.countDown();
			assertThat(mailbox.finish(System.nanoTime() + TimeUnit.SECONDS.toNanos(10))).isTrue();
		}
		finally {
			threads.shutdownNow();
		}
	}

}
