package io.telemetry.journal;

import java.time.Instant;

/**
 * A record as it was appended.
 *
 * @param sequence its number: 1 for the first of a journal, higher for every later one,
 * over restarts too
 * @param appendedAt when it was appended, to the millisecond
 * @param bytes what was appended; the array is the caller's
 */
public record JournalRecord(long sequence, Instant appendedAt, byte[] bytes) {
}
