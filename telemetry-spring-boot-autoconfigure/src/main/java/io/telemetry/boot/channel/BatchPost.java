package io.telemetry.boot.channel;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.web.cors.CorsConfiguration;

/**
 * The HTTP road: takes one batch as the body of a POST. Uses neither message converters
 * nor the application's Jackson, so nothing an application sets for its own requests
 * reaches it.
 * <p>
 * What can be refused by the head of a request is, before a byte is read. Bodies are
 * bounded as they come and as they are decompressed, and so is what all of them take
 * together with the other road's frames.
 */
public final class BatchPost implements HttpResource, AutoCloseable {

	private final Set<Intake> onTheirWay = ConcurrentHashMap.newKeySet();

	private final PagePost post;

	private final BatchReceiver receiver;

	private final int maxBatchSize;

	private volatile boolean closed;

	/**
	 * A road to the given receiver.
	 * @param settings limits and origins
	 * @param receiver takes the batches
	 */
	public BatchPost(ChannelSettings settings, BatchReceiver receiver) {
		this.receiver = receiver;
		this.maxBatchSize = settings.limits().maxBatchSize();
		this.post = new PagePost(settings, receiver, this::take);
	}

	@Override
	public boolean mayBlock(HttpCall call) {
		return this.receiver.admission().callers().mayBlock(call);
	}

	@Override
	public HttpReply begin(HttpCall call) {
		return this.post.begin(call);
	}

	@Override
	public CorsConfiguration cors(HttpCall call) {
		return this.post.cors(call);
	}

	/**
	 * Gives up the bodies that are still on their way. For when the server has stopped:
	 * not every container tells whoever reads a body that no more of it comes.
	 */
	@Override
	public void close() {
		this.closed = true;
		this.onTheirWay.forEach(Intake::abandon);
	}

	private HttpReply take(HttpCall call) throws BatchRefusedException {
		Sender sender = this.receiver.sender(call);
		String encoding = call.header(HttpHeaders.CONTENT_ENCODING);
		encoding = (encoding != null) ? encoding.trim().toLowerCase(Locale.ROOT) : "identity";
		boolean gzip = encoding.equals("gzip");
		if (!(gzip || encoding.equals("identity")) || !isTaken(call.header(HttpHeaders.CONTENT_TYPE))) {
			throw new BatchRefusedException(RefusalReason.UNSUPPORTED_TYPE, null);
		}
		// What does not say its length is watched while it comes
		if (call.contentLength() > this.maxBatchSize) {
			throw new BatchRefusedException(RefusalReason.TOO_LARGE, null);
		}
		Intake intake = new Intake(sender, gzip);
		this.onTheirWay.add(intake);
		if (this.closed) {
			intake.abandon();
		}
		return intake;
	}

	private static boolean isTaken(@Nullable String contentType) {
		if (contentType == null) {
			return false;
		}
		try {
			MediaType type = MediaType.parseMediaType(contentType);
			return (type.equalsTypeAndSubtype(MediaType.APPLICATION_JSON)
					|| type.equalsTypeAndSubtype(MediaType.TEXT_PLAIN))
					&& (type.getCharset() == null || type.getCharset().equals(StandardCharsets.UTF_8));
		}
		catch (RuntimeException ex) {
			// Spring stumbles over a lone quotation mark in a way of its own
			return false;
		}
	}

	private static HttpAnswer answer(Answer answer) {
		if (answer instanceof Answer.Refused refused) {
			return PagePost.refusal(refused);
		}
		return HttpAnswer.of(202, MediaType.APPLICATION_JSON_VALUE, AnswerWriter.acknowledgement(answer));
	}

	/**
	 * The body of one request.
	 */
	private final class Intake implements HttpIntake {

		private final Sender sender;

		private final boolean gzip;

		/** From the first piece on. */
		private @Nullable Body body;

		private boolean over;

		Intake(Sender sender, boolean gzip) {
			this.sender = sender;
			this.gzip = gzip;
		}

		@Override
		public synchronized boolean take(ByteBuffer piece) {
			if (this.over) {
				return false;
			}
			if (this.body == null) {
				this.body = new Body(BatchPost.this.maxBatchSize, this.gzip,
						BatchPost.this.receiver.admission().inHand());
			}
			return this.body.take(piece);
		}

		@Override
		public synchronized Supplier<CompletionStage<HttpAnswer>> end() {
			if (this.over) {
				// It was given up at the same moment, and is counted
				return () -> CompletableFuture.completedFuture(HttpAnswer.of(400));
			}
			over();
			BatchReceiver receiver = BatchPost.this.receiver;
			Body ended = this.body;
			if (ended == null) {
				return () -> CompletableFuture
					.completedFuture(answer(receiver.refuse(this.sender, RefusalReason.MALFORMED, null)));
			}
			this.body = null;
			ended.end();
			return () -> {
				try (ended) {
					return receiver.receive(this.sender, ended).thenApply(BatchPost::answer);
				}
			};
		}

		@Override
		public synchronized void abandon() {
			if (this.over) {
				return;
			}
			over();
			BatchPost.this.receiver.stats().unfinished();
			if (this.body != null) {
				this.body.close();
				this.body = null;
			}
		}

		private void over() {
			this.over = true;
			BatchPost.this.onTheirWay.remove(this);
		}

	}

}
