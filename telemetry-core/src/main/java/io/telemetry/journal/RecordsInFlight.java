package io.telemetry.journal;

import java.util.ArrayDeque;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The records of a reader that are being dealt with: for whoever deals with several at a
 * time, or hands one on to several, and learns in any order that they are done with. The
 * reader acknowledges up to the first record that is not.
 * <p>
 * What was done behind that one is read again if the process ends before. So a record
 * that is never done keeps all behind it, in the journal and in here; whoever polls
 * should pause while {@link #size()} is over a bound of its own.
 * <p>
 * The thread that polls takes records; any thread says that they are done.
 */
public final class RecordsInFlight {

	private final JournalReader reader;

	/**
	 * In the order of their sequences. Its own lock; the journal's is never taken in it.
	 */
	private final ArrayDeque<Ticket> tickets = new ArrayDeque<>();

	private long lastTaken;

	/**
	 * None yet.
	 * @param reader what acknowledges; leave that to this instance, and make another one
	 * after the reader was rewound
	 */
	public RecordsInFlight(JournalReader reader) {
		this.reader = reader;
	}

	/**
	 * Takes a record that was read. Those before it that were not taken count as done.
	 * @param record behind all that were taken
	 * @return held once: {@link Ticket#done()} ends that
	 * @throws IllegalArgumentException if a later one, or the same, was taken already
	 */
	public Ticket take(JournalRecord record) {
		synchronized (this.tickets) {
			if (record.sequence() <= this.lastTaken) {
				throw new IllegalArgumentException("record must be behind the last one that was taken, "
						+ this.lastTaken + ", not " + record.sequence());
			}
			this.lastTaken = record.sequence();
			Ticket ticket = new Ticket(record.sequence());
			this.tickets.add(ticket);
			return ticket;
		}
	}

	/**
	 * How many records the reader has not acknowledged that were taken.
	 * @return those too that are done, behind one that is not
	 */
	public int size() {
		synchronized (this.tickets) {
			return this.tickets.size();
		}
	}

	/**
	 * The first record that is not done.
	 * @return its sequence; empty if all are done
	 */
	public OptionalLong first() {
		synchronized (this.tickets) {
			Ticket first = this.tickets.peek();
			return (first != null) ? OptionalLong.of(first.sequence) : OptionalLong.empty();
		}
	}

	private void advance() {
		long done = 0;
		synchronized (this.tickets) {
			for (Ticket first = this.tickets.peek(); first != null && first.isDone(); first = this.tickets.peek()) {
				this.tickets.remove();
				done = first.sequence;
			}
		}
		if (done > 0) {
			// Of two threads that come here the one with less may be later: a position
			// does not go back.
			this.reader.acknowledge(done);
		}
	}

	/**
	 * One record that is being dealt with. Safe for several threads.
	 */
	public final class Ticket {

		private final long sequence;

		private final AtomicInteger holders = new AtomicInteger(1);

		private Ticket(long sequence) {
			this.sequence = sequence;
		}

		/**
		 * Which record it is.
		 * @return the sequence
		 */
		public long sequence() {
			return this.sequence;
		}

		/**
		 * Holds it once more, for somebody else who deals with the record. Whoever calls
		 * this still has to hold it.
		 * @throws IllegalStateException if nobody holds it any more
		 */
		public void hold() {
			if (this.holders.getAndUpdate((count) -> (count > 0) ? count + 1 : 0) == 0) {
				throw new IllegalStateException("Record " + this.sequence + " is done already");
			}
		}

		/**
		 * Says that one of those who hold it is done with the record, well or not. With
		 * the last the record is done, and may be acknowledged within this call.
		 * @throws IllegalStateException if it was called as often as it was held already
		 */
		public void done() {
			int before = this.holders.getAndUpdate((count) -> Math.max(0, count - 1));
			if (before == 0) {
				throw new IllegalStateException("Record " + this.sequence + " is done already");
			}
			if (before == 1) {
				advance();
			}
		}

		private boolean isDone() {
			return this.holders.get() == 0;
		}

	}

}
