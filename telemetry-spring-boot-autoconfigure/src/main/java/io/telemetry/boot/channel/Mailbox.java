package io.telemetry.boot.channel;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

import org.jspecify.annotations.Nullable;

/**
 * The tasks of one connection: done in order, by one thread at a time, on threads that
 * all connections share. Where all threads are busy and their queue is full, or too many
 * tasks of this connection wait, the thread that brings a task works too: it reads no
 * further until it is done, and the client feels it.
 */
final class Mailbox {

	/** Tasks done before another connection has its turn. */
	private static final int TURN = 16;

	private final Executor executor;

	private final int capacity;

	private final Runnable onCallerRun;

	/** Held by whoever does the tasks. */
	private final ReentrantLock turn = new ReentrantLock();

	/** Guarded by itself. */
	private final Deque<Runnable> tasks = new ArrayDeque<>(2);

	/** Whether some thread will look at the tasks; guarded by the tasks. */
	private boolean scheduled;

	Mailbox(Executor executor, int capacity, Runnable onCallerRun) {
		this.executor = executor;
		this.capacity = capacity;
		this.onCallerRun = onCallerRun;
	}

	/**
	 * Adds a task.
	 * @param task what to do; must not throw
	 */
	void put(Runnable task) {
		put(task, false);
	}

	/**
	 * Adds a task and does it before this returns, after all that are before it.
	 * @param task what to do; must not throw
	 */
	void putAndWork(Runnable task) {
		put(task, true);
	}

	private void put(Runnable task, boolean now) {
		boolean schedule;
		boolean full;
		synchronized (this.tasks) {
			this.tasks.add(task);
			full = now || this.tasks.size() > this.capacity;
			schedule = !this.scheduled && !full;
			this.scheduled |= schedule;
		}
		if (schedule) {
			schedule();
		}
		if (full) {
			this.onCallerRun.run();
			work(Integer.MAX_VALUE);
		}
	}

	/**
	 * Does the tasks that are left, when no thread will come for them any more.
	 * @param deadline until when to wait for whoever does one at the moment, by
	 * {@link System#nanoTime}
	 * @return whether nothing is left
	 * @throws InterruptedException if interrupted while it waits
	 */
	boolean finish(long deadline) throws InterruptedException {
		if (!this.turn.tryLock(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS)) {
			return false;
		}
		try {
			work(Integer.MAX_VALUE);
			return true;
		}
		finally {
			this.turn.unlock();
		}
	}

	private void schedule() {
		try {
			this.executor.execute(() -> {
				if (work(TURN)) {
					schedule();
				}
			});
		}
		catch (RejectedExecutionException ex) {
			this.onCallerRun.run();
			work(Integer.MAX_VALUE);
		}
	}

	/**
	 * Does tasks.
	 * @param most how many
	 * @return whether there are more, for which nobody has been scheduled
	 */
	private boolean work(int most) {
		this.turn.lock();
		try {
			for (int i = 0; i < most; i++) {
				Runnable task = next();
				if (task == null) {
					return false;
				}
				task.run();
			}
			synchronized (this.tasks) {
				this.scheduled = !this.tasks.isEmpty();
				return this.scheduled;
			}
		}
		finally {
			this.turn.unlock();
		}
	}

	private @Nullable Runnable next() {
		synchronized (this.tasks) {
			Runnable task = this.tasks.poll();
			if (task == null) {
				this.scheduled = false;
			}
			return task;
		}
	}

}
