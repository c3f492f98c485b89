package io.telemetry.boot.channel.durable;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

import io.telemetry.journal.JournalStats;
import io.telemetry.journal.Loss;
import io.telemetry.journal.ReaderStats;
import io.telemetry.journal.Refused;

/**
 * What was kept on disk and what became of it. Taken at one moment.
 *
 * @param kept batches written since the start
 * @param waiting batches that are not delivered, those in hand included
 * @param inHand batches whose signals handlers have in hand
 * @param redelivered times that a batch was handed on once more, because a handler had
 * ended
 * @param failed batches that could not be read, or not handed on; they are given up
 * @param forgotten batches that were delivered, but may be handled again if their client
 * sends them once more after a restart, because that could not be written
 * @param refused batches that were not kept, by reason
 * @param lost batches that were kept and are not there any more, by reason
 * @param bytes size of the files with batches
 * @param syncs times that the disk was forced, failures included
 * @param syncFailures times that it failed
 * @param slowestSync the longest it took
 * @param recreated times that files or the directory had been deleted from outside
 */
public record DurableStats(long kept, long waiting, int inHand, long redelivered, long failed, long forgotten,
		Map<String, Long> refused, Map<String, Long> lost, long bytes, long syncs, long syncFailures,
		Duration slowestSync, long recreated) {

	static DurableStats of(JournalStats journal, int inHand, long redelivered, long failed, long forgotten) {
		Map<String, Long> refused = new TreeMap<>();
		for (Refused reason : Refused.values()) {
			refused.put(name(reason), journal.refused(reason));
		}
		Map<String, Long> lost = new TreeMap<>();
		for (Loss reason : Loss.values()) {
			lost.put(name(reason), journal.lost(reason));
		}
		long waiting = journal.readers().stream().mapToLong(ReaderStats::backlog).max().orElse(0);
		return new DurableStats(journal.appended(), waiting, inHand, redelivered, failed, forgotten, refused, lost,
				journal.bytes(), journal.syncs(), journal.syncFailures(), journal.slowestSync(), journal.recreated());
	}

	private static String name(Enum<?> reason) {
		return reason.name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
	}

	/**
	 * The same as Actuator shows it.
	 * @return figures by camelCase names
	 */
	public Map<String, Object> toMap() {
		Map<String, Object> map = new LinkedHashMap<>();
		map.put("kept", this.kept);
		map.put("waiting", this.waiting);
		map.put("inHand", this.inHand);
		map.put("redelivered", this.redelivered);
		map.put("failed", this.failed);
		map.put("forgotten", this.forgotten);
		map.put("refused", this.refused);
		map.put("lost", this.lost);
		map.put("bytes", this.bytes);
		map.put("syncs", this.syncs);
		map.put("syncFailures", this.syncFailures);
		map.put("slowestSyncMs", this.slowestSync.toNanos() / 1e6);
		map.put("recreated", this.recreated);
		return map;
	}

}
