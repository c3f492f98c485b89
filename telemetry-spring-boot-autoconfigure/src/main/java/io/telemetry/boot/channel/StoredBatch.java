package io.telemetry.boot.channel;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import io.telemetry.signal.Uid;
import org.jspecify.annotations.Nullable;

/**
 * A batch as it stands on disk: who it is from and when it came, and its bytes as they
 * came. Before it stands the receipt, by which it is known after it was delivered.
 *
 * @param uid what identifies the batch
 * @param received when it came
 * @param identity who it is from
 * @param body the batch, decompressed
 */
record StoredBatch(Uid uid, Instant received, Identity identity, ByteBuffer body) {

	private static final byte VERSION = 1;

	/** What a receipt takes beside its rejections. */
	private static final int RECEIPT = 1024;

	/** What one rejection takes in a receipt, at most. */
	private static final int REJECTION = 4 + 4 + 32;

	/** What says of whom a batch is, at most. */
	private static final int HEAD = 64 * 1024;

	private static final int NONE = -1;

	/**
	 * Bytes of a receipt, at most.
	 */
	static int maxReceipt(ChannelSettings.Limits limits) {
		return RECEIPT + limits.maxEvents() * REJECTION;
	}

	/**
	 * Bytes of a stored batch, at most.
	 */
	static int maxContent(ChannelSettings.Limits limits) {
		return limits.maxBatchSize() + HEAD;
	}

	/**
	 * What goes before the bytes of a batch.
	 * @throws IllegalArgumentException if who it is from takes more than is kept
	 */
	ByteBuffer head() {
		ByteBuffer out = ByteBuffer.allocate(HEAD);
		try {
			out.put(VERSION).putLong(this.uid.high()).putLong(this.uid.low());
			out.putLong(this.received.getEpochSecond()).putInt(this.received.getNano());
			write(out, this.identity.sessionId());
			write(out, this.identity.userId());
			write(out, this.identity.connectionId());
			write(out, this.identity.claimedUserId());
			write(out, this.identity.application());
			write(out, this.identity.clientAddress());
			out.putInt(this.identity.userAgent().size());
			this.identity.userAgent().forEach((name, value) -> {
				write(out, name);
				write(out, value);
			});
		}
		catch (java.nio.BufferOverflowException ex) {
			throw new IllegalArgumentException("The names of session, user and browser take over " + HEAD + " bytes");
		}
		return out.flip();
	}

	/**
	 * Reads what {@link #head()} and the batch's bytes made.
	 * @throws IllegalArgumentException if it is nothing of the sort
	 */
	static StoredBatch read(ByteBuffer in) {
		try {
			requireVersion(in.get());
			Uid uid = new Uid(in.getLong(), in.getLong());
			Instant received = Instant.ofEpochSecond(in.getLong(), in.getInt());
			String sessionId = required(in);
			String userId = required(in);
			String connectionId = text(in);
			String claimedUserId = text(in);
			String application = text(in);
			String clientAddress = text(in);
			Map<String, String> userAgent = new LinkedHashMap<>();
			for (int i = in.getInt(); i > 0; i--) {
				userAgent.put(required(in), required(in));
			}
			return new StoredBatch(uid, received, new Identity(sessionId, userId, connectionId, claimedUserId,
					application, clientAddress, Map.copyOf(userAgent)), in.slice());
		}
		catch (BufferUnderflowException ex) {
			throw new IllegalArgumentException("A stored batch ends too early", ex);
		}
	}

	private static void requireVersion(byte version) {
		if (version != VERSION) {
			throw new IllegalArgumentException(
					"A stored batch has version " + version + "; this code knows " + VERSION);
		}
	}

	private static void write(ByteBuffer out, @Nullable String text) {
		if (text == null) {
			out.putInt(NONE);
			return;
		}
		byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
		out.putInt(bytes.length).put(bytes);
	}

	private static String required(ByteBuffer in) {
		String text = text(in);
		if (text == null) {
			throw new IllegalArgumentException("A stored batch lacks a name");
		}
		return text;
	}

	private static @Nullable String text(ByteBuffer in) {
		int length = in.getInt();
		if (length == NONE) {
			return null;
		}
		if (length < 0 || length > in.remaining()) {
			throw new BufferUnderflowException();
		}
		byte[] bytes = new byte[length];
		in.get(bytes);
		return new String(bytes, StandardCharsets.UTF_8);
	}

	/**
	 * What a batch is known by after it was delivered.
	 *
	 * @param uid what identifies the batch
	 * @param answer what its client was told
	 */
	record Receipt(Uid uid, Answer.Accepted answer) {

		byte[] toBytes() {
			List<Rejection> rejected = this.answer.rejected();
			ByteBuffer out = ByteBuffer.allocate(RECEIPT + rejected.size() * REJECTION);
			out.put(VERSION).putLong(this.uid.high()).putLong(this.uid.low());
			write(out, this.answer.batch());
			out.putInt(this.answer.accepted()).putInt(rejected.size());
			for (Rejection rejection : rejected) {
				out.putInt(rejection.index());
				write(out, rejection.reason().name());
			}
			byte[] bytes = new byte[out.flip().remaining()];
			out.get(bytes);
			return bytes;
		}

		/**
		 * Reads what {@link #toBytes()} made.
		 * @throws IllegalArgumentException if it is nothing of the sort
		 */
		static Receipt read(byte[] bytes) {
			ByteBuffer in = ByteBuffer.wrap(bytes);
			try {
				requireVersion(in.get());
				Uid uid = new Uid(in.getLong(), in.getLong());
				String batch = text(in);
				int accepted = in.getInt();
				int count = in.getInt();
				List<Rejection> rejected = new ArrayList<>(Math.max(0, Math.min(count, in.remaining() / 8)));
				for (int i = 0; i < count; i++) {
					rejected.add(new Rejection(in.getInt(), RejectReason.valueOf(required(in))));
				}
				return new Receipt(uid, new Answer.Accepted(batch, accepted, List.copyOf(rejected), false));
			}
			catch (BufferUnderflowException ex) {
				throw new IllegalArgumentException("A receipt ends too early", ex);
			}
		}

	}

}
