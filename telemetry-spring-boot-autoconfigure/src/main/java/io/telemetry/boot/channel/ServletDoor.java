package io.telemetry.boot.channel;

import java.io.IOException;
import java.io.InputStream;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.security.Principal;
import java.time.Duration;
import java.util.Collections;
import java.util.Enumeration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletRequestWrapper;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;

import org.springframework.http.HttpHeaders;
import org.springframework.web.HttpRequestHandler;
import org.springframework.web.cors.CorsConfiguration;
import org.springframework.web.cors.CorsConfigurationSource;
import org.springframework.web.cors.CorsUtils;

/**
 * The way to an address on a servlet container. The request's thread looks at the head
 * and goes; what comes of the body is taken by whichever thread of the container it
 * wakes, and none waits for the rest. The thread that takes the last of it handles the
 * body and writes the answer, and may be held by that. It is not the request's: what
 * filters have bound to that thread is gone.
 * <p>
 * A body that is not over in time is given up and answered with 408. Containers look for
 * such requests now and then, Tomcat once a second.
 * <p>
 * Where a filter does not support asynchronous requests, or puts a stream of its own
 * before the container's, the request's thread waits for the body instead. The time is
 * looked at between two reads then, and the container bounds how long one of them takes;
 * so it does how long it waits for the rest of a body behind an answer.
 */
public final class ServletDoor implements HttpRequestHandler, CorsConfigurationSource {

	private static final int PIECE = 8 * 1024;

	/** Bytes that are passed over before a refusal; as many as Tomcat does. */
	private static final int MOST_UNWANTED = 2 * 1024 * 1024;

	private final HttpResource resource;

	private final Duration patience;

	/**
	 * A way to the given address.
	 * @param resource what answers there
	 * @param patience longest time that a body may take to come
	 */
	public ServletDoor(HttpResource resource, Duration patience) {
		this.resource = resource;
		this.patience = patience;
	}

	/**
	 * Ways to several addresses.
	 * @param resources what answers, by address
	 * @param patience longest time that a body may take to come
	 * @return the ways, by address
	 */
	public static Map<String, ServletDoor> to(Map<String, HttpResource> resources, Duration patience) {
		Map<String, ServletDoor> doors = new LinkedHashMap<>();
		resources.forEach((address, resource) -> doors.put(address, new ServletDoor(resource, patience)));
		return doors;
	}

	@Override
	public @Nullable CorsConfiguration getCorsConfiguration(HttpServletRequest request) {
		return CorsUtils.isPreFlightRequest(request) ? this.resource.cors(new Call(request)) : null;
	}

	@Override
	public void handleRequest(HttpServletRequest request, HttpServletResponse response) throws IOException {
		HttpReply reply = this.resource.begin(new Call(request));
		if (reply instanceof HttpIntake intake) {
			read(request, response, intake);
		}
		else {
			write((HttpAnswer) reply, response);
		}
	}

	private void read(HttpServletRequest request, HttpServletResponse response, HttpIntake intake) throws IOException {
		try {
			ServletInputStream in = request.getInputStream();
			if (!request.isAsyncSupported()) {
				write(await(request, in, intake), response);
				return;
			}
			AsyncContext async = request.startAsync();
			async.setTimeout(Math.max(1, this.patience.toMillis()));
			Arrival arrival = new Arrival(request, response, async, in, intake);
			async.addListener(arrival);
			if (in != container(request).getInputStream() || !arrival.listen()) {
				arrival.answer(await(request, in, intake));
			}
		}
		catch (IOException | RuntimeException | Error ex) {
			intake.abandon();
			throw ex;
		}
	}

	/**
	 * The request as the container made it, without what filters have put around it.
	 */
	private static ServletRequest container(HttpServletRequest request) {
		ServletRequest inner = request;
		while (inner instanceof ServletRequestWrapper wrapper) {
			inner = wrapper.getRequest();
		}
		return inner;
	}

	private HttpAnswer await(HttpServletRequest request, InputStream in, HttpIntake intake) {
		long begin = System.nanoTime();
		try {
			byte[] piece = piece(request);
			int read = in.read(piece);
			while (read >= 0 && intake.take(ByteBuffer.wrap(piece, 0, read))) {
				if (System.nanoTime() - begin > this.patience.toNanos()) {
					throw new SocketTimeoutException();
				}
				read = in.read(piece);
			}
		}
		catch (IOException ex) {
			intake.abandon();
			return unfinished(request, ex instanceof SocketTimeoutException);
		}
		return intake.end().get().toCompletableFuture().join();
	}

	private static byte[] piece(HttpServletRequest request) {
		long length = request.getContentLengthLong();
		return new byte[(length > 0 && length < PIECE) ? (int) length : PIECE];
	}

	private static HttpAnswer unfinished(HttpServletRequest request, boolean late) {
		// Nobody may be there to hear it
		return last(request, HttpAnswer.of(late ? 408 : 400));
	}

	/**
	 * An answer behind which nothing can follow, because the body is not over. HTTP/2
	 * ends its streams by itself.
	 */
	private static HttpAnswer last(HttpServletRequest request, HttpAnswer answer) {
		return request.getProtocol().startsWith("HTTP/1") ? answer.with(HttpHeaders.CONNECTION, "close") : answer;
	}

	private static void write(HttpAnswer answer, HttpServletResponse response) throws IOException {
		response.setStatus(answer.status());
		answer.headers().forEach((name, value) -> {
			if (name.equals(HttpHeaders.VARY)) {
				response.addHeader(name, value);
			}
			else {
				response.setHeader(name, value);
			}
		});
		if (answer.body().length > 0) {
			response.setContentLength(answer.body().length);
			response.getOutputStream().write(answer.body());
		}
	}

	/**
	 * A body on its way. The container calls from one thread at a time, or from two when
	 * the time is over: whoever is the first to know the answer gives it.
	 */
	private static final class Arrival implements ReadListener, AsyncListener {

		private final HttpServletRequest request;

		private final HttpServletResponse response;

		private final AsyncContext async;

		private final ServletInputStream in;

		private final HttpIntake intake;

		private final byte[] piece;

		private final AtomicBoolean over = new AtomicBoolean();

		private final AtomicBoolean answered = new AtomicBoolean();

		Arrival(HttpServletRequest request, HttpServletResponse response, AsyncContext async, ServletInputStream in,
				HttpIntake intake) {
			this.request = request;
			this.response = response;
			this.async = async;
			this.in = in;
			this.intake = intake;
			this.piece = piece(request);
		}

		/**
		 * Has the container tell what comes.
		 * @return whether it will
		 */
		boolean listen() {
			try {
				this.in.setReadListener(this);
				return true;
			}
			catch (UnsupportedOperationException ex) {
				// No real container, but a test's
				return false;
			}
		}

		@Override
		public void onDataAvailable() throws IOException {
			boolean wanted = true;
			int unwanted = 0;
			while (!this.in.isFinished() && unwanted < MOST_UNWANTED && this.in.isReady()) {
				int read = this.in.read(this.piece);
				if (!wanted) {
					// A connection that is closed upon unread bytes takes the answer
					// along
					unwanted += read;
				}
				else if (read > 0) {
					wanted = this.intake.take(ByteBuffer.wrap(this.piece, 0, read));
				}
			}
			if (!wanted && !this.in.isFinished()) {
				end(true);
			}
		}

		@Override
		public void onAllDataRead() {
			end(false);
		}

		private void end(boolean early) {
			if (!this.over.compareAndSet(false, true)) {
				return;
			}
			CompletionStage<HttpAnswer> coming;
			try {
				coming = this.intake.end().get();
			}
			catch (RuntimeException | Error ex) {
				this.intake.abandon();
				coming = CompletableFuture.failedFuture(ex);
			}
			CompletionStage<HttpAnswer> answer = coming.exceptionally(this::failed)
				.thenApply((known) -> early ? last(this.request, known) : known);
			if (answer.toCompletableFuture().isDone()) {
				answer.thenAccept(this::answer);
			}
			else {
				// Who knows it later is not to be held up by a client that does not read
				answer.thenAccept((known) -> this.async.start(() -> answer(known)));
			}
		}

		@Override
		public void onError(Throwable ex) {
			if (giveUp()) {
				answer((ex instanceof IOException) ? unfinished(this.request, ex instanceof SocketTimeoutException)
						: failed(ex));
			}
		}

		@Override
		public void onTimeout(AsyncEvent event) {
			// The body may be there, and the disk that it is to be kept on does not
			// answer
			answer(giveUp() ? unfinished(this.request, true) : HttpAnswer.of(503));
		}

		@Override
		public void onError(AsyncEvent event) {
			// What went wrong elsewhere is the container's to answer; Tomcat tells here
			// once more of what was answered above
			if (!giveUp()) {
				complete();
			}
		}

		@Override
		public void onComplete(AsyncEvent event) {
			giveUp();
		}

		@Override
		public void onStartAsync(AsyncEvent event) {
		}

		private boolean giveUp() {
			if (this.over.compareAndSet(false, true)) {
				this.intake.abandon();
				return true;
			}
			return false;
		}

		private HttpAnswer failed(Throwable ex) {
			this.request.getServletContext().log("The body of a request could not be handled", ex);
			return last(this.request, HttpAnswer.of(500));
		}

		void answer(HttpAnswer answer) {
			this.over.set(true);
			if (!this.answered.compareAndSet(false, true)) {
				return;
			}
			try {
				write(answer, this.response);
				// Where the body went wrong, Tomcat closes the connection next
				this.response.getOutputStream().close();
			}
			catch (IOException ex) {
				// Who can't be answered is gone: no failure of the application's
			}
			finally {
				complete();
			}
		}

		private void complete() {
			try {
				this.async.complete();
			}
			catch (IllegalStateException ex) {
				// It is already
			}
		}

	}

	/**
	 * A request to a servlet container.
	 *
	 * @param request the request
	 */
	record Call(HttpServletRequest request) implements HttpCall {

		@Override
		public String method() {
			return this.request.getMethod();
		}

		@Override
		public @Nullable String query() {
			return this.request.getQueryString();
		}

		@Override
		public List<String> headers(String name) {
			Enumeration<String> values = this.request.getHeaders(name);
			return (values != null) ? Collections.list(values) : List.of();
		}

		@Override
		public @Nullable Object attribute(String name) {
			return this.request.getAttribute(name);
		}

		@Override
		public long contentLength() {
			return this.request.getContentLengthLong();
		}

		@Override
		public String scheme() {
			return this.request.getScheme();
		}

		@Override
		public @Nullable String host() {
			return this.request.getServerName();
		}

		@Override
		public int port() {
			return this.request.getServerPort();
		}

		@Override
		public @Nullable String remoteAddress() {
			return this.request.getRemoteAddr();
		}

		@Override
		public @Nullable Principal principal() {
			return this.request.getUserPrincipal();
		}

	}

}
