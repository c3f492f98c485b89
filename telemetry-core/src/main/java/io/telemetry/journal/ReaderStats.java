package io.telemetry.journal;

import java.util.Map;

/**
 * Where a reader is.
 *
 * @param name its name
 * @param open whether somebody reads under the name now
 * @param acknowledged the sequence up to which all is acknowledged
 * @param backlog records behind that, damaged ones included
 * @param lost records that went before the reader had acknowledged them, since the
 * journal was opened; also one that it had read, if it was let go then
 */
public record ReaderStats(String name, boolean open, long acknowledged, long backlog, Map<Loss, Long> lost) {

	/**
	 * Makes the map immutable.
	 */
	public ReaderStats {
		lost = Map.copyOf(lost);
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
