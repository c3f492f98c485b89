package io.telemetry.boot.channel;

import java.net.InetSocketAddress;
import java.security.Principal;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.web.cors.CorsConfiguration;
import org.springframework.web.cors.reactive.CorsConfigurationSource;
import org.springframework.web.cors.reactive.CorsUtils;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebHandler;
import org.springframework.web.util.UriComponents;
import org.springframework.web.util.UriComponentsBuilder;

/**
 * The way to an address on WebFlux. An event loop looks at the head of a request and
 * hands over what has come of its body, which is bounded work; what may block, and the
 * handling of the body, is left to Reactor's threads for that.
 * <p>
 * That is not interrupted when the client goes: a page that is left sends its last batch
 * and waits for no answer.
 */
public final class ReactiveDoor implements WebHandler, CorsConfigurationSource {

	/** Bytes of a body that is passed over, so that the connection can go on. */
	private static final int MOST_PASSED_OVER = 8 * 1024;

	private final HttpResource resource;

	private final Duration patience;

	private final Scheduler workers = Schedulers.boundedElastic();

	/**
	 * A way to the given address.
	 * @param resource what answers there
	 * @param patience longest time that a body may take to come
	 */
	public ReactiveDoor(HttpResource resource, Duration patience) {
		this.resource = resource;
		this.patience = patience;
	}

	/**
	 * Ways to several addresses.
	 * @param resources what answers, by address
	 * @param patience longest time that a body may take to come
	 * @return the ways, by address
	 */
	public static Map<String, ReactiveDoor> to(Map<String, HttpResource> resources, Duration patience) {
		Map<String, ReactiveDoor> doors = new LinkedHashMap<>();
		resources.forEach((address, resource) -> doors.put(address, new ReactiveDoor(resource, patience)));
		return doors;
	}

	@Override
	public @Nullable CorsConfiguration getCorsConfiguration(ServerWebExchange exchange) {
		return CorsUtils.isPreFlightRequest(exchange.getRequest())
				? this.resource.cors(new Call(exchange, exchange.getRequest(), null)) : null;
	}

	@Override
	public Mono<Void> handle(ServerWebExchange exchange) {
		ServerHttpRequest request = exchange.getRequest();
		return exchange.getPrincipal()
			.map(Optional::<Principal>of)
			.defaultIfEmpty(Optional.empty())
			.flatMap((principal) -> begin(new Call(exchange, request, principal.orElse(null))))
			.flatMap((reply) -> (reply instanceof HttpIntake intake) ? read(request, intake)
					: Mono.just(unread(request, (HttpAnswer) reply)))
			// Who can't be answered is gone, or was told by the server itself that the
			// request is broken: no failure of the application's
			.flatMap((answer) -> write(answer, exchange.getResponse()).onErrorComplete())
			// The client went while it was looked at
			.doOnDiscard(HttpIntake.class, HttpIntake::abandon);
	}

	private Mono<HttpReply> begin(HttpCall call) {
		// Not apart without need: what has come of a body is only safe once it is taken
		return this.resource.mayBlock(call) ? apart(() -> this.resource.begin(call))
				: Mono.fromSupplier(() -> this.resource.begin(call));
	}

	/**
	 * An answer to a request whose body nobody reads. Behind a long one nothing is to
	 * follow: some clients take the answer for the end of what they send.
	 */
	private static HttpAnswer unread(ServerHttpRequest request, HttpAnswer answer) {
		boolean chunked = request.getHeaders().containsHeader(HttpHeaders.TRANSFER_ENCODING);
		return (chunked || request.getHeaders().getContentLength() > MOST_PASSED_OVER)
				? answer.with(HttpHeaders.CONNECTION, "close") : answer;
	}

	private Mono<HttpAnswer> read(ServerHttpRequest request, HttpIntake intake) {
		return request.getBody()
			.map((buffer) -> take(buffer, intake))
			.takeWhile((more) -> more)
			.then(Mono.<HttpAnswer>empty())
			.timeout(this.patience)
			.onErrorResume((ex) -> {
				intake.abandon();
				// Nobody may be there to hear it, and nothing can follow such a body
				return Mono.just(HttpAnswer.of((ex instanceof TimeoutException) ? 408 : 400)
					.with(HttpHeaders.CONNECTION, "close"));
			})
			// Once it is known, it is written on another thread than the one that knows
			// it
			.switchIfEmpty(Mono.defer(() -> apart(intake.end())
				.flatMap((answer) -> Mono.fromCompletionStage(answer).publishOn(this.workers))))
			.doOnCancel(intake::abandon);
	}

	private static boolean take(DataBuffer buffer, HttpIntake intake) {
		try (DataBuffer.ByteBufferIterator pieces = buffer.readableByteBuffers()) {
			boolean more = true;
			while (more && pieces.hasNext()) {
				more = intake.take(pieces.next());
			}
			return more;
		}
		finally {
			DataBufferUtils.release(buffer);
		}
	}

	/**
	 * Does something on a thread that may block, to its end even if nobody waits for it
	 * any more.
	 */
	private <T> Mono<T> apart(Supplier<T> work) {
		return Mono.create((sink) -> {
			Runnable task = () -> {
				try {
					sink.success(work.get());
				}
				catch (RuntimeException | Error ex) {
					sink.error(ex);
				}
			};
			try {
				this.workers.schedule(task);
			}
			catch (RejectedExecutionException ex) {
				// No thread is left: whoever brought it does it
				task.run();
			}
		});
	}

	private static Mono<Void> write(HttpAnswer answer, ServerHttpResponse response) {
		response.setStatusCode(HttpStatusCode.valueOf(answer.status()));
		HttpHeaders headers = response.getHeaders();
		answer.headers().forEach((name, value) -> {
			if (name.equals(HttpHeaders.VARY)) {
				headers.add(name, value);
			}
			else {
				headers.set(name, value);
			}
		});
		if (answer.body().length == 0) {
			return response.setComplete();
		}
		headers.setContentLength(answer.body().length);
		return response.writeWith(Mono.fromSupplier(() -> response.bufferFactory().wrap(answer.body())));
	}

	private record Call(ServerWebExchange exchange, ServerHttpRequest request,
			@Nullable Principal principal) implements HttpCall {

		@Override
		public String method() {
			return this.request.getMethod().name();
		}

		@Override
		public @Nullable String query() {
			return this.request.getURI().getRawQuery();
		}

		@Override
		public List<String> headers(String name) {
			return this.request.getHeaders().getOrEmpty(name);
		}

		@Override
		public @Nullable Object attribute(String name) {
			return this.exchange.getAttribute(name);
		}

		@Override
		public long contentLength() {
			return this.request.getHeaders().getContentLength();
		}

		@Override
		public String scheme() {
			return String.valueOf(this.request.getURI().getScheme());
		}

		@Override
		public @Nullable String host() {
			return address().getHost();
		}

		@Override
		public int port() {
			return address().getPort();
		}

		/** Some names of hosts (with an underscore, say) are none to a URI. */
		private UriComponents address() {
			return UriComponentsBuilder.fromUriString("http://" + this.request.getURI().getRawAuthority()).build();
		}

		@Override
		public @Nullable String remoteAddress() {
			InetSocketAddress address = this.request.getRemoteAddress();
			return (address != null && address.getAddress() != null) ? address.getAddress().getHostAddress() : null;
		}

	}

}
