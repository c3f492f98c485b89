package io.telemetry.boot.channel;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.MediaType;
import org.springframework.web.cors.CorsConfiguration;

/**
 * An address that pages post to: lets through what is a POST, comes from a page that may,
 * and finds the channel open. What follows is up to the address.
 */
final class PagePost implements HttpResource {

	private final PageOrigins origins;

	private final BatchReceiver receiver;

	private final Next next;

	/**
	 * An address of the channel.
	 * @param settings origins that may use it
	 * @param receiver tells whether the channel is open, and counts what is refused
	 * @param next what follows
	 */
	PagePost(ChannelSettings settings, BatchReceiver receiver, Next next) {
		this.origins = new PageOrigins(settings.allowedOriginPatterns(), receiver.admission().callers().applications(),
				List.of(HttpMethod.POST.name()));
		this.receiver = receiver;
		this.next = next;
	}

	@Override
	public CorsConfiguration cors(HttpCall call) {
		return this.origins.cors(call);
	}

	@Override
	public HttpReply begin(HttpCall call) {
		if (!HttpMethod.POST.matches(call.method())) {
			return HttpAnswer.only(call, HttpMethod.POST.name());
		}
		String allowed = this.origins.allowed(call);
		HttpReply reply = (allowed == null && PageOrigins.isForeign(call)) ? refuse(RefusalReason.FOREIGN_ORIGIN)
				: follow(call);
		if (reply instanceof HttpIntake intake) {
			return new ForThePage(intake, allowed);
		}
		return forThePage((HttpAnswer) reply, allowed);
	}

	private HttpReply follow(HttpCall call) {
		if (!this.receiver.isOpen()) {
			return refuse(RefusalReason.SHUTTING_DOWN);
		}
		try {
			return this.next.begin(call);
		}
		catch (BatchRefusedException ex) {
			return refusal(this.receiver.refuse(ex.reason(), ex.batch(), ex.retryAfterMs()));
		}
	}

	private HttpAnswer refuse(RefusalReason reason) {
		return refusal(this.receiver.refuse(reason, (String) null));
	}

	/**
	 * A refusal as problem document.
	 */
	static HttpAnswer refusal(Answer.Refused refused) {
		HttpAnswer answer = HttpAnswer.of(refused.reason().status(), MediaType.APPLICATION_PROBLEM_JSON_VALUE,
				AnswerWriter.problem(refused));
		return (refused.retryAfterMs() > 0)
				? answer.with(HttpHeaders.RETRY_AFTER, Long.toString((refused.retryAfterMs() + 999) / 1000)) : answer;
	}

	private static HttpAnswer forThePage(HttpAnswer answer, @Nullable String allowed) {
		HttpAnswer told = answer.with(HttpHeaders.CACHE_CONTROL, "no-store")
			.with("X-Content-Type-Options", "nosniff")
			.with(HttpHeaders.VARY, HttpHeaders.ORIGIN);
		return (allowed != null) ? told.with(HttpHeaders.ACCESS_CONTROL_ALLOW_ORIGIN, allowed) : told;
	}

	/**
	 * What follows where a request may be looked at.
	 */
	@FunctionalInterface
	interface Next {

		/**
		 * Looks at the request.
		 * @param call the request
		 * @return an answer, or what takes the body
		 * @throws BatchRefusedException if the request is refused, which is then counted
		 */
		HttpReply begin(HttpCall call) throws BatchRefusedException;

	}

	private record ForThePage(HttpIntake intake, @Nullable String allowed) implements HttpIntake {

		@Override
		public boolean take(ByteBuffer piece) {
			return this.intake.take(piece);
		}

		@Override
		public Supplier<CompletionStage<HttpAnswer>> end() {
			Supplier<CompletionStage<HttpAnswer>> rest = this.intake.end();
			return () -> rest.get().thenApply((answer) -> forThePage(answer, this.allowed));
		}

		@Override
		public void abandon() {
			this.intake.abandon();
		}

	}

}
