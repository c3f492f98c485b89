package io.telemetry.boot.channel;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;

import io.telemetry.boot.channel.ChannelSettings.Limits;
import io.telemetry.signal.Fields;
import io.telemetry.boot.channel.caller.Tickets;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.json.JsonFactory;

/**
 * Reads batches in one pass over their bytes. Every event becomes the map that its signal
 * will hold, or a rejection; there is no tree beside these. Nothing is handed on before
 * the last byte was read, because a batch that turns out to be malformed or too long is
 * refused as a whole and the client may send it again.
 * <p>
 * The factory is the library's own, so an application's Jackson settings change nothing.
 * Work and memory are bounded by the size of the body, which the caller bounds. Safe for
 * several threads.
 */
final class BatchDecoder {

	/**
	 * Nesting up to which an event is skipped as too deep; beyond, the batch is
	 * malformed. Jackson keeps some fifty bytes for each level, so this is not left to
	 * the size of the body.
	 */
	static final int SKIPPED_DEPTH = 1000;

	/** Longest id of a batch. */
	static final int MAX_ID_LENGTH = 64;

	/** Longest name of a field. */
	static final int MAX_NAME_LENGTH = 256;

	/**
	 * Longest name that is read at all; beyond, the batch is malformed. Jackson keeps the
	 * names it has read, for all batches, and empties that table only when there are some
	 * thousands.
	 */
	static final int MOST_NAME_LENGTH = 1024;

	/** Longest number that is worth its conversion: 64 bits and every double fit. */
	private static final int MAX_NUMBER_LENGTH = 64;

	/** Longest number that is one of 64 bits whatever its digits are. */
	private static final int MAX_LONG_LENGTH = 18;

	/** Reasons of drops that one batch may tell of. */
	private static final int MAX_DROP_REASONS = 16;

	/** Fields of an object up to which their names are searched one by one. */
	private static final int SEARCHED = 64;

	/** Drops that one batch can tell of, so that no sum of them overflows. */
	private static final long MAX_DROPS = 1_000_000_000;

	/** What is read of {@code session}, with its greatest length. */
	private static final Map<String, Integer> SESSION = Map.of("id", MAX_NAME_LENGTH, "page", 2048, "release",
			MAX_NAME_LENGTH, "environment", MAX_NAME_LENGTH);

	private static final Map<String, Integer> USER = Map.of("id", MAX_NAME_LENGTH);

	private static final Pattern SESSION_ID = Pattern.compile("[A-Za-z0-9_-]{1,64}");

	private final Limits limits;

	private final JsonFactory factory;

	BatchDecoder(Limits limits) {
		this.limits = limits;
		// What can be checked event by event is checked here and not by the factory,
		// whose
		// refusal would end the whole batch. Its bounds only end what can't be skipped.
		this.factory = JsonFactory.builder()
			.streamReadConstraints(StreamReadConstraints.builder()
				.maxNestingDepth(SKIPPED_DEPTH)
				.maxStringLength(limits.maxBatchSize())
				.maxNameLength(MOST_NAME_LENGTH)
				.maxNumberLength(limits.maxBatchSize())
				.maxDocumentLength(limits.maxBatchSize())
				.build())
			.disable(TokenStreamFactory.Feature.INTERN_PROPERTY_NAMES)
			.build();
	}

	/**
	 * Whether a text can be a session id.
	 */
	static boolean isSessionId(@Nullable String text) {
		return text != null && SESSION_ID.matcher(text).matches();
	}

	/**
	 * Reads a batch, or a bare array of events.
	 * @param bytes an array that holds it, in UTF-8
	 * @param offset where it begins
	 * @param length how many bytes it has
	 * @return the batch
	 * @throws BatchRefusedException if it is malformed, too large or has too many events
	 */
	DecodedBatch decode(byte[] bytes, int offset, int length) throws BatchRefusedException {
		if (length > this.limits.maxBatchSize()) {
			throw new BatchRefusedException(RefusalReason.TOO_LARGE, peekBatchId(bytes, offset, length));
		}
		Reading reading = new Reading();
		if (isOtherEncoding(bytes, offset, length)) {
			throw reading.refused(RefusalReason.MALFORMED);
		}
		try (JsonParser parser = this.factory.createParser(ObjectReadContext.empty(), bytes, offset, length)) {
			return reading.read(parser);
		}
		// Jackson's own exceptions, and whatever else a hostile text may bring it to
		catch (RuntimeException ex) {
			throw reading.refused(RefusalReason.MALFORMED);
		}
	}

	/**
	 * Reads a document that is one object, within the limits of an event; its names are
	 * left as they are.
	 * @param bytes an array that holds it, in UTF-8
	 * @param offset where it begins
	 * @param length how many bytes it has
	 * @return its fields, or {@code null} if it is something else or over a limit
	 */
	@Nullable Map<String, @Nullable Object> decodeObject(byte[] bytes, int offset, int length) {
		if (isOtherEncoding(bytes, offset, length)) {
			return null;
		}
		try (JsonParser parser = this.factory.createParser(ObjectReadContext.empty(), bytes, offset, length)) {
			return new Reading().readDocument(parser);
		}
		catch (RuntimeException ex) {
			return null;
		}
	}

	/**
	 * The id of a batch of which only the beginning is there, for the refusal that tells
	 * of it.
	 * @param bytes an array that holds the beginning of a batch
	 * @param offset where it begins
	 * @param length how many of its bytes are there; what is over the limit is not read
	 * @return the id, or {@code null} if it is not among them
	 */
	@Nullable String peekBatchId(byte[] bytes, int offset, int length) {
		if (isOtherEncoding(bytes, offset, length)) {
			return null;
		}
		try (JsonParser parser = this.factory.createParser(ObjectReadContext.empty(), bytes, offset,
				Math.min(length, this.limits.maxBatchSize()))) {
			if (parser.nextToken() != JsonToken.START_OBJECT) {
				return null;
			}
			while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
				boolean found = "batch".equals(parser.currentName());
				JsonToken token = parser.nextToken();
				if (found) {
					return (token == JsonToken.VALUE_STRING) ? validId(parser.getString()) : null;
				}
				parser.skipChildren();
			}
			return null;
		}
		catch (RuntimeException ex) {
			return null;
		}
	}

	/**
	 * Whether Jackson would take the bytes for UTF-16 or UTF-32, which it guesses from
	 * the first four.
	 */
	private static boolean isOtherEncoding(byte[] bytes, int offset, int length) {
		for (int i = 0; i < Math.min(4, length); i++) {
			if (bytes[offset + i] == 0) {
				return true;
			}
		}
		return length > 1 && (bytes[offset] & 0xfe) == 0xfe && (bytes[offset + 1] & 0xfe) == 0xfe;
	}

	private static @Nullable String validId(String text) {
		if (text.isEmpty() || text.length() > MAX_ID_LENGTH) {
			return null;
		}
		for (int i = 0; i < text.length(); i++) {
			char c = text.charAt(i);
			// Half a character can't be written back in the acknowledgement
			if (Character.isISOControl(c) || Character.isSurrogate(c)) {
				return null;
			}
		}
		return text;
	}

	/**
	 * One pass over one body.
	 */
	private final class Reading {

		private @Nullable String batch;

		private @Nullable Long seq;

		private @Nullable Long sentAt;

		private @Nullable String sessionId;

		private Map<String, String> origin = Map.of();

		private @Nullable String userId;

		private @Nullable String ticket;

		private Map<String, Long> dropped = Map.of();

		private final List<DecodedBatch.Event> events = new ArrayList<>();

		private final List<Rejection> rejections = new ArrayList<>(0);

		private boolean eventsSeen;

		private boolean tooManyEvents;

		/** What is wrong with the event being read; the first fault counts. */
		private @Nullable RejectReason fault;

		private int values;

		/**
		 * Names and values in turn of the objects that are being read, each behind the
		 * one it is in.
		 */
		private @Nullable Object[] pairs = new @Nullable Object[64];

		private int pairsLength;

		BatchRefusedException refused(RefusalReason reason) {
			return new BatchRefusedException(reason, this.batch);
		}

		DecodedBatch read(JsonParser parser) throws BatchRefusedException {
			JsonToken root = parser.nextToken();
			if (root == JsonToken.START_ARRAY) {
				readEvents(parser);
			}
			else if (root == JsonToken.START_OBJECT) {
				readBatch(parser);
				if (this.batch == null || !this.eventsSeen) {
					throw refused(RefusalReason.MALFORMED);
				}
			}
			else {
				throw refused(RefusalReason.MALFORMED);
			}
			if (parser.nextToken() != null) {
				throw refused(RefusalReason.MALFORMED);
			}
			if (this.tooManyEvents) {
				throw refused(RefusalReason.TOO_MANY_EVENTS);
			}
			return new DecodedBatch(this.batch, this.seq, this.sentAt, this.sessionId, this.origin, this.userId,
					this.ticket, this.dropped, this.events, this.rejections);
		}

		@Nullable Map<String, @Nullable Object> readDocument(JsonParser parser) {
			if (parser.nextToken() != JsonToken.START_OBJECT) {
				return null;
			}
			Map<String, @Nullable Object> fields = readObject(parser, 1, false);
			return (this.fault == null && parser.nextToken() == null) ? fields : null;
		}

		private void readBatch(JsonParser parser) throws BatchRefusedException {
			while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
				String name = parser.currentName();
				JsonToken token = parser.nextToken();
				switch (name) {
					case "batch" -> {
						this.batch = (token == JsonToken.VALUE_STRING) ? validId(parser.getString()) : null;
						if (this.batch == null) {
							throw refused(RefusalReason.MALFORMED);
						}
					}
					case "events" -> {
						if (token != JsonToken.START_ARRAY || this.eventsSeen) {
							throw refused(RefusalReason.MALFORMED);
						}
						readEvents(parser);
					}
					case "seq" -> this.seq = readWhole(parser, token);
					case "sentAt" -> this.sentAt = readWhole(parser, token);
					case "session" -> readSession(parser, token);
					case "user" -> this.userId = readTexts(parser, token, USER).get("id");
					case "ticket" -> this.ticket = readTicket(parser, token);
					case "dropped" -> readDropped(parser, token);
					default -> parser.skipChildren();
				}
			}
		}

		/**
		 * A number, or nothing where it is none: what only describes the batch never
		 * spoils it.
		 */
		private @Nullable Long readWhole(JsonParser parser, JsonToken token) {
			if (token.isNumeric() && parser.getStringLength() <= MAX_NUMBER_LENGTH) {
				double value = parser.getDoubleValue();
				if (Math.abs(value) < 1L << 53) {
					return (long) value;
				}
			}
			parser.skipChildren();
			return null;
		}

		private void readSession(JsonParser parser, JsonToken token) {
			Map<String, String> texts = readTexts(parser, token, SESSION);
			String id = texts.remove("id");
			this.sessionId = isSessionId(id) ? id : null;
			this.origin = Map.copyOf(texts);
		}

		/**
		 * Some texts of an object, as far as they are there and not longer than they may
		 * be. The last of a name counts.
		 */
		private Map<String, String> readTexts(JsonParser parser, JsonToken token, Map<String, Integer> wanted) {
			Map<String, String> texts = new HashMap<>(4);
			if (token != JsonToken.START_OBJECT) {
				parser.skipChildren();
				return texts;
			}
			while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
				String name = parser.currentName();
				Integer most = wanted.get(name);
				if (parser.nextToken() == JsonToken.VALUE_STRING && most != null && parser.getStringLength() > 0
						&& parser.getStringLength() <= most) {
					texts.put(name, parser.getString());
				}
				else {
					parser.skipChildren();
				}
			}
			return texts;
		}

		/**
		 * A ticket as it was sent, also one that can be none: it is refused, and not
		 * taken for absent.
		 */
		private @Nullable String readTicket(JsonParser parser, JsonToken token) {
			if (token == JsonToken.VALUE_NULL) {
				return null;
			}
			if (token == JsonToken.VALUE_STRING && parser.getStringLength() <= Tickets.MAX_LENGTH) {
				return parser.getString();
			}
			parser.skipChildren();
			return "";
		}

		private void readDropped(JsonParser parser, JsonToken token) {
			if (token != JsonToken.START_OBJECT) {
				parser.skipChildren();
				return;
			}
			Map<String, Long> counts = new LinkedHashMap<>();
			while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
				String reason = parser.currentName();
				Long count = readWhole(parser, parser.nextToken());
				if (count != null && count > 0 && counts.size() < MAX_DROP_REASONS
						&& reason.length() <= MAX_ID_LENGTH) {
					counts.put(reason, Math.min(count, MAX_DROPS));
				}
			}
			this.dropped = counts;
		}

		private void readEvents(JsonParser parser) {
			this.eventsSeen = true;
			int index = 0;
			for (JsonToken token = parser.nextToken(); token != JsonToken.END_ARRAY; token = parser.nextToken()) {
				if (index >= BatchDecoder.this.limits.maxEvents()) {
					// Read on, because the id may come behind, but keep nothing more
					this.tooManyEvents = true;
					this.events.clear();
					this.rejections.clear();
					parser.skipChildren();
				}
				else {
					readEvent(parser, token, index++);
				}
			}
		}

		private void readEvent(JsonParser parser, JsonToken token, int index) {
			if (token != JsonToken.START_OBJECT) {
				parser.skipChildren();
				this.rejections.add(new Rejection(index, RejectReason.NOT_AN_OBJECT));
				return;
			}
			int outside = parser.streamReadContext().getNestingDepth() - 1;
			this.fault = null;
			this.values = 0;
			Map<String, @Nullable Object> fields = readObject(parser, 1, true);
			if (this.fault == null && !EventFields.fit(fields)) {
				this.fault = RejectReason.BAD_FIELD;
			}
			if (this.fault != null) {
				this.pairsLength = 0;
				while (parser.streamReadContext().getNestingDepth() > outside) {
					parser.nextToken();
				}
				this.rejections.add(new Rejection(index, this.fault));
				return;
			}
			this.events.add(new DecodedBatch.Event(index, fields));
		}

		private Map<String, @Nullable Object> readObject(JsonParser parser, int depth, boolean translated) {
			int start = this.pairsLength;
			int keys = 0;
			long seen = 0;
			Map<String, Integer> places = null;
			for (String name = parser.nextName(); name != null; name = parser.nextName()) {
				if (name.length() > MAX_NAME_LENGTH) {
					this.fault = RejectReason.TOO_LONG;
					return Map.of();
				}
				if (++keys > BatchDecoder.this.limits.maxKeys()) {
					this.fault = RejectReason.TOO_MANY_KEYS;
					return Map.of();
				}
				String field = translated ? EventFields.translate(name) : name;
				JsonToken token = parser.nextToken();
				boolean within = token == JsonToken.START_OBJECT && translated && depth == 1
						&& EventFields.isTranslated(field);
				Object value = readValue(parser, token, depth, within);
				if (this.fault != null) {
					return Map.of();
				}
				long mark = 1L << spread(field.hashCode());
				int place = -1;
				if (keys > SEARCHED) {
					places = (places != null) ? places : places(start);
					Integer known = places.putIfAbsent(field, this.pairsLength);
					place = (known != null) ? known : -1;
				}
				else if ((seen & mark) != 0) {
					place = place(field, start);
				}
				seen |= mark;
				put(field, value, place);
			}
			int end = this.pairsLength;
			this.pairsLength = start;
			return Fields.ofPairs(Arrays.copyOfRange(this.pairs, start, end), end - start);
		}

		/** Six bits that differ where names do, mostly. */
		private static int spread(int hash) {
			return (hash * 0x9E3779B9) >>> 26;
		}

		private int place(String field, int start) {
			for (int i = start; i < this.pairsLength; i += 2) {
				if (field.equals(this.pairs[i])) {
					return i;
				}
			}
			return -1;
		}

		private Map<String, Integer> places(int start) {
			Map<String, Integer> places = new HashMap<>();
			for (int i = start; i < this.pairsLength; i += 2) {
				places.put((String) Objects.requireNonNull(this.pairs[i]), i);
			}
			return places;
		}

		/**
		 * Of two fields with one name the last counts, in the place of the first.
		 */
		private void put(String field, @Nullable Object value, int place) {
			if (place >= 0) {
				this.pairs[place + 1] = value;
				return;
			}
			if (this.pairsLength == this.pairs.length) {
				this.pairs = Arrays.copyOf(this.pairs, 2 * this.pairsLength);
			}
			this.pairs[this.pairsLength] = field;
			this.pairs[this.pairsLength + 1] = value;
			this.pairsLength += 2;
		}

		private List<@Nullable Object> readArray(JsonParser parser, int depth) {
			List<@Nullable Object> elements = new ArrayList<>();
			for (JsonToken token = parser.nextToken(); token != JsonToken.END_ARRAY; token = parser.nextToken()) {
				Object value = readValue(parser, token, depth, false);
				if (this.fault != null) {
					return elements;
				}
				elements.add(value);
			}
			return elements;
		}

		private @Nullable Object readValue(JsonParser parser, JsonToken token, int depth, boolean translated) {
			Limits limits = BatchDecoder.this.limits;
			if (++this.values > limits.maxKeys() * Limits.VALUES_PER_KEY) {
				this.fault = RejectReason.TOO_MANY_KEYS;
				return null;
			}
			return switch (token) {
				case START_OBJECT, START_ARRAY -> {
					if (depth >= limits.maxDepth()) {
						this.fault = RejectReason.TOO_DEEP;
						yield null;
					}
					yield (token == JsonToken.START_OBJECT) ? readObject(parser, depth + 1, translated)
							: readArray(parser, depth + 1);
				}
				case VALUE_STRING -> {
					// Read first: the body bounds it, and asking for the length costs a
					// pass
					String text = parser.getString();
					if (text.length() > limits.maxStringLength()) {
						this.fault = RejectReason.TOO_LONG;
						yield null;
					}
					yield text;
				}
				case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> readNumber(parser, token);
				case VALUE_TRUE -> Boolean.TRUE;
				case VALUE_FALSE -> Boolean.FALSE;
				default -> null;
			};
		}

		private @Nullable Object readNumber(JsonParser parser, JsonToken token) {
			int length = parser.getStringLength();
			if (length > MAX_NUMBER_LENGTH) {
				this.fault = RejectReason.TOO_LONG;
				return null;
			}
			if (token == JsonToken.VALUE_NUMBER_INT) {
				if (length <= MAX_LONG_LENGTH) {
					return parser.getLongValue();
				}
				return (parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER) ? parser.getBigIntegerValue()
						: (Object) parser.getLongValue();
			}
			double value = parser.getDoubleValue();
			if (Double.isInfinite(value)) {
				this.fault = RejectReason.BAD_FIELD;
				return null;
			}
			return value;
		}

	}

}
