package io.telemetry.boot.channel;

import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import io.telemetry.SignalBuilder;
import io.telemetry.Telemetry;
import io.telemetry.signal.Delivery;
import io.telemetry.signal.ErrorData;
import io.telemetry.signal.Fields;
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

	/** Fields that the server and the batch give an event, at most. */
	private static final int ADDED = 16;

	private static final Map<String, Level> LOG_LEVELS = Map.of("trace", Level.TRACE, "debug", Level.DEBUG, "info",
			Level.INFO, "warn", Level.WARN, "error", Level.ERROR, "fatal", Level.FATAL);

	/**
	 * Names come from outside; beyond this many, ids and facades are made anew each time.
	 */
	private static final int MAX_CACHED = 256;

	private static final int MAX_NAME_LENGTH = 40;

	private static final Pattern ERROR_TYPE = Pattern
		.compile("(?:Uncaught )?(?:\\(in promise\\) )?([A-Z][A-Za-z0-9_$.]{0,60}(?:Error|Exception))\\b");

	private final Telemetry telemetry;

	private final String serverId;

	private final @Nullable String region;

	private final ChannelStats stats;

	private final Map<String, Source> sources = new ConcurrentHashMap<>();

	private final List<BrowserEventMapper> mappers;

	private final BiConsumer<Throwable, @Nullable String> onFailure;

	EventMapper(Telemetry telemetry, String serverId, @Nullable String region, ChannelStats stats,
			List<BrowserEventMapper> mappers, BiConsumer<Throwable, @Nullable String> onFailure) {
		this.mappers = List.copyOf(mappers);
		this.onFailure = onFailure;
		this.telemetry = telemetry;
		this.serverId = serverId;
		this.region = region;
		this.stats = stats;
	}

	/**
	 * Hands the signal of one event to the pipeline.
	 * @param event the event
	 * @param batch the batch it came in
	 * @param identity who it is from
	 * @param received when it was received
	 * @param batchUid what identifies the batch; {@code null} where nothing does
	 * @param delivery who keeps the batch until it is delivered; {@code null} where
	 * nobody does
	 */
	void emit(DecodedBatch.Event event, DecodedBatch batch, Identity identity, Instant received, @Nullable Uid batchUid,
			@Nullable Delivery delivery) {
		Map<String, @Nullable Object> fields = Severities.known(WebVitals.rated(event.fields()));
		String type = text(fields, "type");
		Type mapped = Type.of(type);
		if (mapped == Type.UNKNOWN) {
			this.stats.unknownType();
		}
		Source source = source(name(type, text(fields, "subtype")));
		Level level = level(mapped, fields);
		Uid uid = (batchUid != null) ? batchUid.part(event.index()) : null;
		if (this.mappers.isEmpty()) {
			if (source.facade.allowed(level, mapped.kind, source.id)) {
				source.facade.signal(level, mapped.kind)
					.id(source.id)
					.message(message(type, fields))
					.timestamp(received)
					.data(data(fields, Map.of(), batch, identity, received.toEpochMilli()))
					.uid(uid)
					.error((mapped == Type.ERROR) ? error(fields) : null)
					.delivery(delivery)
					.emit();
			}
			return;
		}
		BrowserSignal refined = refine(
				new BrowserSignal(mapped.kind, level, source.id, source.namespace, message(type, fields), Map.of()),
				new BrowserEvent(type, text(fields, "subtype"), Collections.unmodifiableMap(fields),
						identity.sessionId(), identity.userId(), identity.application(), received),
				batch.id());
		if (refined == null) {
			this.stats.eventLeftOut();
			return;
		}
		Telemetry facade = facade(source, refined.namespace());
		if (facade.allowed(refined.level(), refined.kind(), refined.id())) {
			facade.signal(refined.level(), refined.kind())
				.id(refined.id())
				.message(refined.message())
				.timestamp(received)
				.data(data(fields, refined.data(), batch, identity, received.toEpochMilli()))
				.uid(uid)
				.error((mapped == Type.ERROR) ? error(fields) : null)
				.delivery(delivery)
				.emit();
		}
	}

	private @Nullable BrowserSignal refine(BrowserSignal signal, BrowserEvent event, @Nullable String batch) {
		BrowserSignal refined = signal;
		for (BrowserEventMapper mapper : this.mappers) {
			try {
				BrowserSignal next = mapper.map(refined, event);
				if (next == null) {
					return null;
				}
				refined = next;
			}
			catch (RuntimeException ex) {
				// The event is good, and worth more than its refinement
				this.onFailure.accept(ex, batch);
			}
		}
		return refined;
	}

	private Telemetry facade(Source source, String namespace) {
		return namespace.equals(source.namespace) ? source.facade : this.telemetry.of(namespace);
	}

	private Source source(String name) {
		Source source = this.sources.get(name);
		if (source == null) {
			source = new Source("browser/" + name, "browser." + name, this.telemetry.of("browser." + name));
			if (this.sources.size() < MAX_CACHED) {
				this.sources.put(name, source);
			}
		}
		return source;
	}

	private String name(@Nullable String type, @Nullable String subtype) {
		if ("error".equals(type) && "javascript".equals(subtype)) {
			return "error";
		}
		if (subtype != null && (this.sources.containsKey(subtype) || isName(subtype))) {
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

	private Map<String, @Nullable Object> data(Map<String, @Nullable Object> fields,
			Map<String, @Nullable Object> refined, DecodedBatch batch, Identity identity, long received) {
		Data data = new Data(fields.size() + refined.size() + ADDED);
		fields.forEach((name, value) -> {
			if (!refined.containsKey(name)) {
				data.accept(name, value);
			}
		});
		batch.origin().forEach((name, value) -> {
			if (!fields.containsKey(name) && !refined.containsKey(name)) {
				data.put(name, value);
			}
		});
		refined.forEach(data);
		data.put("source", "browser");
		data.put("sessionId", identity.sessionId());
		data.put("userId", identity.userId());
		if (identity.claimedUserId() != null) {
			data.put("claimedUserId", identity.claimedUserId());
		}
		if (identity.connectionId() != null) {
			data.put("connectionId", identity.connectionId());
		}
		if (fields.get("timestamp") instanceof Number number) {
			data.put("browserTimestamp", number.longValue());
		}
		data.put("serverReceiveTime", received);
		if (batch.sentAt() != null) {
			data.put("clockSkewMs", received - batch.sentAt());
		}
		if (identity.application() != null) {
			data.put("application", identity.application());
		}
		if (identity.clientAddress() != null) {
			data.put("clientAddress", identity.clientAddress());
		}
		if (!identity.userAgent().isEmpty()) {
			data.put("client", identity.userAgent());
		}
		data.put("serverId", this.serverId);
		if (this.region != null) {
			data.put("region", this.region);
		}
		return Fields.ofPairs(data.pairs, data.length);
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
	 * What events of one name speak as.
	 */
	private record Source(String id, String namespace, Telemetry facade) {
	}

	/**
	 * The fields of a signal in the making: those of an event but for the names that are
	 * the server's, then the server's.
	 */
	private static final class Data implements BiConsumer<String, @Nullable Object> {

		private final @Nullable Object[] pairs;

		private int length;

		Data(int fields) {
			this.pairs = new @Nullable Object[2 * fields];
		}

		@Override
		public void accept(String name, @Nullable Object value) {
			switch (name) {
				case "source", "sessionId", "userId", "claimedUserId", "connectionId", "browserTimestamp",
						"serverReceiveTime", "clockSkewMs", "application", "clientAddress", "client", "serverId",
						"region" -> {
					// Only the server gives these
				}
				default -> put(name, value);
			}
		}

		void put(String name, @Nullable Object value) {
			this.pairs[this.length++] = name;
			this.pairs[this.length++] = value;
		}

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
