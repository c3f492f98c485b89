package io.telemetry.boot.channel;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletionException;

import io.telemetry.Telemetry;
import io.telemetry.boot.channel.caller.UnauthorizedException;
import io.telemetry.limit.KeyedRateLimiter;
import io.telemetry.limit.RateLimit;
import io.telemetry.limit.RateLimiter;
import io.telemetry.signal.ErrorData;
import io.telemetry.signal.Kind;
import io.telemetry.signal.Level;
import org.jspecify.annotations.Nullable;

/**
 * What the channel tells of itself. Whatever a client can bring about at will is told at
 * once the first time, then once per interval with how often it happened. Safe for
 * several threads.
 */
final class ChannelSignals {

	/** Who speaks in these signals. */
	static final String NAMESPACE = "io.telemetry.channel";

	private static final int MAX_DESTINATIONS = 64;

	private static final int MAX_DESTINATION_LENGTH = 200;

	private final Telemetry telemetry;

	private final RateLimiter oversized;

	private final RateLimiter errors;

	private final RateLimiter notKept;

	private final KeyedRateLimiter unauthorized;

	/** By destination while there is room, so that one name does not hide another. */
	private final KeyedRateLimiter destinations;

	ChannelSignals(Telemetry telemetry, Duration interval) {
		this.telemetry = telemetry.of(NAMESPACE);
		RateLimit limit = RateLimit.of(1, interval);
		this.oversized = new RateLimiter(limit);
		this.errors = new RateLimiter(limit);
		this.notKept = new RateLimiter(limit);
		this.unauthorized = new KeyedRateLimiter(limit, UnauthorizedException.Reason.values().length);
		this.destinations = new KeyedRateLimiter(limit, MAX_DESTINATIONS);
	}

	/**
	 * The channel takes batches.
	 */
	void serverStarted(String path, boolean webSocket) {
		emit(Level.INFO, "channel/server-started", "Telemetry channel takes browsers at " + path,
				Map.of("path", path, "webSocket", webSocket), null);
	}

	/**
	 * A batch was taken, or had been.
	 */
	void batchReceived(DecodedBatch batch, Identity identity, Sender sender, Answer.Accepted answer, int bytes) {
		String id = "channel/batch-received";
		if (!this.telemetry.allowed(Level.DEBUG, Kind.CHANNEL, id)) {
			return;
		}
		Map<String, @Nullable Object> data = new LinkedHashMap<>();
		data.put("batch", batch.id());
		data.put("seq", batch.seq());
		data.put("road", sender.road().toString());
		data.put("bytes", bytes);
		data.put("accepted", answer.accepted());
		data.put("rejected", answer.rejected().size());
		data.put("duplicate", answer.duplicate());
		data.put("sessionId", identity.sessionId());
		data.put("userId", identity.userId());
		data.put("connectionId", sender.connectionId());
		if (!batch.dropped().isEmpty()) {
			data.put("dropped", batch.dropped());
		}
		data.values().removeIf((value) -> value == null);
		emit(Level.DEBUG, id, "Batch received", data, null);
	}

	/**
	 * A frame came for a destination that is not there.
	 */
	void unknownDestination(String destination, String connectionId) {
		String name = Text.printable(destination, MAX_DESTINATION_LENGTH);
		long heldBack = this.destinations.ask(name);
		if (heldBack != RateLimiter.LIMITED) {
			emit(Level.WARN, "channel/unknown-destination", "Unknown destination " + name,
					Map.of("destination", name, "connectionId", connectionId, "count", heldBack + 1), null);
		}
	}

	/**
	 * A WebSocket message was larger than allowed and its connection closed.
	 */
	void oversizedMessage(String connectionId, int limit) {
		long heldBack = this.oversized.ask();
		if (heldBack != RateLimiter.LIMITED) {
			emit(Level.WARN, "channel/oversized-message",
					"A WebSocket message was over telemetry.channel.max-message-size",
					Map.of("maxMessageSize", limit, "connectionId", connectionId, "count", heldBack + 1), null);
		}
	}

	/**
	 * A client was not let in.
	 */
	void unauthorized(UnauthorizedException refusal) {
		long heldBack = this.unauthorized.ask(refusal.reason().toString());
		if (heldBack != RateLimiter.LIMITED) {
			emit(Level.WARN, "channel/unauthorized", "A client was not let in: " + refusal.getMessage(),
					Map.of("reason", refusal.reason().toString(), "count", heldBack + 1), null);
		}
	}

	/**
	 * The channel itself failed at something a client sent.
	 */
	void processingError(Throwable failure, @Nullable String batch) {
		long heldBack = this.errors.ask();
		if (heldBack != RateLimiter.LIMITED) {
			Map<String, Object> data = (batch != null) ? Map.of("count", heldBack + 1, "batch", batch)
					: Map.of("count", heldBack + 1);
			emit(Level.ERROR, "channel/processing-error", "Telemetry channel failed at what a client sent", data,
					ErrorData.of(failure));
		}
	}

	/**
	 * A batch could not be kept on the disk, or not be handed on from there.
	 */
	void notKept(Throwable failure) {
		long heldBack = this.notKept.ask();
		if (heldBack != RateLimiter.LIMITED) {
			Throwable cause = (failure instanceof CompletionException && failure.getCause() != null)
					? failure.getCause() : failure;
			emit(Level.ERROR, "channel/journal-failed", "What is acknowledged can't be kept: " + cause.getMessage(),
					Map.of("count", heldBack + 1), ErrorData.of(cause));
		}
	}

	private void emit(Level level, String id, String message, Map<String, ?> data, @Nullable ErrorData error) {
		this.telemetry.signal(level, Kind.CHANNEL).id(id).message(message).data(data).error(error).emit();
	}

}
