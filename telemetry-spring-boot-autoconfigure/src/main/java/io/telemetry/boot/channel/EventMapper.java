package io.telemetry.boot.channel;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import io.telemetry.SignalBuilder;
import io.telemetry.Telemetry;
import io.telemetry.signal.ErrorData;
import io.telemetry.signal.Kind;
import io.telemetry.signal.Level;
import io.telemetry.signal.Uid;
import org.jspecify.annotations.Nullable;

import org.springframework.lang.Contract;

/**
 * Makes signals of browser events. What the server knows of the sender is stronger than
 * any field of the event: a name that is the server's never carries a client's value,
 * even where the server has none. Safe for several threads.
 */
final class EventMapper {

	/** Fields that only the server gives. */
	private static final List<String> RESERVED = List.of("source", "sessionId", "userId", "claimedUserId",
			"connectionId", "browserTimestamp", "serverReceiveTime", "clockSkewMs", "serverId", "region");

	private static final Map<String, Level> LOG_LEVELS = Map.of("trace", Level.TRACE, "debug", Level.DEBUG, "info",
			Level.INFO, "warn", Level.WARN, "error", Level.ERROR, "fatal", Level.FATAL);

	/** Names come from outside; beyond this many, facades are made anew each time. */
	private static final int MAX_CACHED = 256;

	private static final int MAX_NAME_LENGTH = 40;

	private static final Pattern ERROR_TYPE = Pattern
		.compile("(?:Uncaught )?(?:\\(in promise\\) )?([A-Z][A-Za-z0-9_$.]{0,60}(?:Error|Exception))\\b");

	private final Telemetry telemetry;

	private final String serverId;

	private final @Nullable String region;

	private final ChannelStats stats;

	private final Map<String, Telemetry> facades = new ConcurrentHashMap<>();

	EventMapper(Telemetry telemetry, String serverId, @Nullable String region, ChannelStats stats) {
		this.telemetry = telemetry;
		this.serverId = serverId;
		this.region = region;
		this.stats = stats;
	}

	/**
	 * Hands the signal of one event to the pipeline.
	 * @param event the event; its fields belong to the signal from here on
	 * @param batch the batch it came in
	 * @param identity who it is from
	 * @param received when it was received
	 * @param batchUid what identifies the batch; {@code null} where nothing does
	 */
	void emit(DecodedBatch.Event event, DecodedBatch batch, Identity identity, Instant received,
			@Nullable Uid batchUid) {
		Map<String, @Nullable Object> fields = event.fields();
		String type = text(fields, "type");
		Type mapped = Type.of(type);
		if (mapped == Type.UNKNOWN) {
			this.stats.unknownType();
		}
		String name = name(type, text(fields, "subtype"));
		String id = "browser/" + name;
		Level level = level(mapped, fields);
		Telemetry facade = facade("browser." + name);
		if (!facade.allowed(level, mapped.kind, id)) {
			return;
		}
		SignalBuilder signal = facade.signal(level, mapped.kind)
			.id(id)
			.message(message(type, fields))
			.timestamp(received)
			.data(data(fields, batch, identity, received.toEpochMilli()));
		if (batchUid != null) {
			signal.uid(batchUid.part(event.index()));
		}
		if (mapped == Type.ERROR) {
			signal.error(error(fields));
		}
		signal.emit();
	}

	private Telemetry facade(String namespace) {
		Telemetry facade = this.facades.get(namespace);
		if (facade == null) {
			facade = this.telemetry.of(namespace);
			if (this.facades.size() < MAX_CACHED) {
				this.facades.put(namespace, facade);
			}
		}
		return facade;
	}

	private static String name(@Nullable String type, @Nullable String subtype) {
		if ("error".equals(type) && "javascript".equals(subtype)) {
			return "error";
		}
		if (isName(subtype)) {
			return subtype;
		}
		return isName(type) ? type : "event";
	}

	@Contract("null -> false")
	private static boolean isName(@Nullable String text) {
		if (text == null || text.isEmpty() || text.length() > MAX_NAME_LENGTH) {
			return false;
		}
		for (int i = 0; i < text.length(); i++) {
			char c = text.charAt(i);
			if (!(c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-')) {
				return false;
			}
		}
		return true;
	}

	private static Level level(Type type, Map<String, @Nullable Object> fields) {
		if (type != Type.LOG) {
			return type.level;
		}
		String name = text(fields, "level");
		return (name != null) ? LOG_LEVELS.getOrDefault(name, Level.INFO) : Level.INFO;
	}

	private static String message(@Nullable String type, Map<String, @Nullable Object> fields) {
		String message = text(fields, "message");
		if (message != null && !message.isEmpty()) {
			return message;
		}
		return "Browser " + ((type != null && !type.isEmpty()) ? Text.printable(type, MAX_NAME_LENGTH) : "event");
	}

	/**
	 * The event's own map becomes the data: nobody else reads it, and a copy of each
	 * would cost more than what is added.
	 */
	private Map<String, @Nullable Object> data(Map<String, @Nullable Object> data, DecodedBatch batch,
			Identity identity, long received) {
		Object timestamp = data.get("timestamp");
		for (String name : RESERVED) {
			data.remove(name);
		}
		data.put("source", "browser");
		data.put("sessionId", identity.sessionId());
		data.put("userId", identity.userId());
		if (identity.claimedUserId() != null) {
			data.put("claimedUserId", identity.claimedUserId());
		}
		if (identity.connectionId() != null) {
			data.put("connectionId", identity.connectionId());
		}
		if (timestamp instanceof Number number) {
			data.put("browserTimestamp", number.longValue());
		}
		data.put("serverReceiveTime", received);
		if (batch.sentAt() != null) {
			data.put("clockSkewMs", received - batch.sentAt());
		}
		data.put("serverId", this.serverId);
		if (this.region != null) {
			data.put("region", this.region);
		}
		return data;
	}

	private static ErrorData error(Map<String, @Nullable Object> fields) {
		String message = text(fields, "message");
		String stack = text(fields, "stack");
		return ErrorData.of(errorType(fields, message, stack), message, stack);
	}

	/**
	 * The class of the failure: a field that names it, else what the engine writes before
	 * the message or the stack, else the subtype.
	 */
	private static String errorType(Map<String, @Nullable Object> fields, @Nullable String message,
			@Nullable String stack) {
		String named = text(fields, "errorType");
		if (named != null && !named.isEmpty()) {
			return named;
		}
		for (String text : new @Nullable String[] { stack, message }) {
			if (text != null) {
				Matcher matcher = ERROR_TYPE.matcher(text);
				if (matcher.lookingAt()) {
					return matcher.group(1);
				}
			}
		}
		String subtype = text(fields, "subtype");
		return isName(subtype) ? subtype : "error";
	}

	private static @Nullable String text(Map<String, @Nullable Object> fields, String name) {
		return (fields.get(name) instanceof String text) ? text : null;
	}

	/**
	 * The types of events that mean something here.
	 */
	private enum Type {

		ERROR(Kind.ERROR, Level.ERROR),

		LOG(Kind.LOG, Level.INFO),

		METRIC(Kind.METRIC, Level.INFO),

		ANALYTICS(Kind.EVENT, Level.DEBUG),

		UNKNOWN(Kind.EVENT, Level.INFO);

		private final Kind kind;

		private final Level level;

		Type(Kind kind, Level level) {
			this.kind = kind;
			this.level = level;
		}

		static Type of(@Nullable String text) {
			if (text == null) {
				return UNKNOWN;
			}
			return switch (text) {
				case "error" -> ERROR;
				case "log" -> LOG;
				case "metric" -> METRIC;
				case "analytics" -> ANALYTICS;
				default -> UNKNOWN;
			};
		}

	}

}
