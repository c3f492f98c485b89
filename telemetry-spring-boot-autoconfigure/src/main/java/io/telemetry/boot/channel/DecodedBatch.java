package io.telemetry.boot.channel;

import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * A batch as it was read: known to be whole and within the limits, its bad events sorted
 * out, nothing handed on yet.
 *
 * @param id the batch's id; {@code null} for a bare array of events
 * @param seq the client's own number of the batch
 * @param sentAt when the client sent it, by the client's clock in epoch milliseconds
 * @param sessionId the session the batch names, where it names a valid one
 * @param origin what its events have in common, by name: {@code page}, {@code release}
 * and {@code environment} where it tells them
 * @param userId the user the batch names
 * @param ticket the ticket the batch brings
 * @param dropped how many events the client dropped since its last batch, by reason
 * @param events the events that may be handed on
 * @param rejections the events that were left out
 */
record DecodedBatch(@Nullable String id, @Nullable Long seq, @Nullable Long sentAt, @Nullable String sessionId,
		Map<String, String> origin, @Nullable String userId, @Nullable String ticket, Map<String, Long> dropped,
		List<Event> events, List<Rejection> rejections) {

	/**
	 * How many events the client sent.
	 */
	int size() {
		return this.events.size() + this.rejections.size();
	}

	/**
	 * One event.
	 *
	 * @param index its place in the batch, from 0
	 * @param fields its fields under their names in the contract
	 */
	record Event(int index, Map<String, @Nullable Object> fields) {
	}

}
