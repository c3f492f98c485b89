package io.telemetry.journal;

import java.time.Duration;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * What a journal did since it was opened, and what it holds. Taken at one moment.
 *
 * @param appended records
 * @param appendedBytes their payloads
 * @param refused records by reason; a batch counts with all its records
 * @param lost records by reason: each counted once, however many readers miss it, when it
 * is let go or its damage is found; without readers, all that is let go
 * @param bytes size of the segment files
 * @param segments number of segment files
 * @param nextSequence the sequence of the next record
 * @param oldest how long ago the oldest segment was begun that has something for a
 * reader; {@code null} if all is acknowledged
 * @param syncs syncs that were tried, failures included
 * @param syncFailures those that failed
 * @param syncTime what all of them took
 * @param slowestSync what the slowest took
 * @param recreated how often files or the directory had been deleted from outside and
 * were created anew
 * @param readers all readers by name, those too that are not open
 */
public record JournalStats(long appended, long appendedBytes, Map<Refused, Long> refused, Map<Loss, Long> lost,
		long bytes, int segments, long nextSequence, @Nullable Duration oldest, long syncs, long syncFailures,
		Duration syncTime, Duration slowestSync, long recreated, List<ReaderStats> readers) {

	/**
	 * Makes the collections immutable.
	 */
	public JournalStats {
		refused = Map.copyOf(refused);
		lost = Map.copyOf(lost);
		readers = List.copyOf(readers);
	}

	/**
	 * Records refused for a reason.
	 * @param reason why
	 * @return how many
	 */
	public long refused(Refused reason) {
		return this.refused.getOrDefault(reason, 0L);
	}

	/**
	 * Records lost for a reason.
	 * @param reason why
	 * @return how many
	 */
	public long lost(Loss reason) {
		return this.lost.getOrDefault(reason, 0L);
	}

}
