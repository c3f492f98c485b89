package io.telemetry.boot.channel;

import java.io.IOException;
import java.security.Principal;
import java.util.List;
import java.util.Locale;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;

import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.http.InvalidMediaTypeException;
import org.springframework.http.MediaType;
import org.springframework.http.server.ServletServerHttpRequest;
import org.springframework.web.HttpRequestHandler;
import org.springframework.web.cors.CorsConfiguration;
import org.springframework.web.cors.CorsConfigurationSource;
import org.springframework.web.cors.CorsUtils;
import org.springframework.web.util.WebUtils;

/**
 * The HTTP road: takes one batch as the body of a POST. Uses neither message converters
 * nor the application's Jackson, so nothing an application sets for its own requests
 * reaches it. Works on the request's thread.
 */
public final class BatchRequestHandler implements HttpRequestHandler, CorsConfigurationSource {

	private static final String SEC_FETCH_SITE = "Sec-Fetch-Site";

	private final BatchReceiver receiver;

	private final CorsConfiguration origins = new CorsConfiguration();

	private final int maxBatchSize;

	/**
	 * A handler that hands batches to the given receiver.
	 * @param settings limits and origins
	 * @param receiver takes the batches
	 */
	public BatchRequestHandler(ChannelSettings settings, BatchReceiver receiver) {
		this.receiver = receiver;
		this.maxBatchSize = settings.limits().maxBatchSize();
		this.origins.setAllowedOriginPatterns(settings.allowedOriginPatterns());
		this.origins.setAllowedMethods(List.of(HttpMethod.POST.name()));
		this.origins.setAllowedHeaders(List.of(HttpHeaders.CONTENT_TYPE, HttpHeaders.CONTENT_ENCODING));
		this.origins.setMaxAge(3600L);
	}

	/**
	 * Lets Spring answer preflight requests. Others are looked at here, because a refusal
	 * is to be counted and to say why.
	 */
	@Override
	public @Nullable CorsConfiguration getCorsConfiguration(HttpServletRequest request) {
		return CorsUtils.isPreFlightRequest(request) ? this.origins : null;
	}

	@Override
	public void handleRequest(HttpServletRequest request, HttpServletResponse response) throws IOException {
		if (!HttpMethod.POST.matches(request.getMethod())) {
			response.setHeader(HttpHeaders.ALLOW, HttpMethod.POST.name());
			response.setStatus(HttpMethod.OPTIONS.matches(request.getMethod()) ? HttpStatus.NO_CONTENT.value()
					: HttpStatus.METHOD_NOT_ALLOWED.value());
			return;
		}
		response.setHeader(HttpHeaders.CACHE_CONTROL, "no-store");
		response.setHeader("X-Content-Type-Options", "nosniff");
		response.addHeader(HttpHeaders.VARY, HttpHeaders.ORIGIN);
		String origin = request.getHeader(HttpHeaders.ORIGIN);
		String allowed = (origin != null) ? this.origins.checkOrigin(origin) : null;
		if (allowed != null) {
			response.setHeader(HttpHeaders.ACCESS_CONTROL_ALLOW_ORIGIN, allowed);
		}
		else if (isForeign(request)) {
			refuse(response, this.receiver.refuse(RefusalReason.FOREIGN_ORIGIN, (String) null));
			return;
		}
		Answer answer;
		try {
			answer = receive(request);
		}
		catch (IOException ex) {
			// The client went away, or took too long: nobody waits for an answer
			this.receiver.stats().unfinished();
			throw ex;
		}
		if (answer instanceof Answer.Refused refused) {
			refuse(response, refused);
		}
		else {
			write(response, HttpStatus.ACCEPTED.value(), MediaType.APPLICATION_JSON_VALUE,
					AnswerWriter.acknowledgement(answer));
		}
	}

	/**
	 * Whether a browser says that the page is not the application's own. Who sends
	 * neither header is no browser, or an old one on the same origin.
	 */
	private static boolean isForeign(HttpServletRequest request) {
		String site = request.getHeader(SEC_FETCH_SITE);
		if (site != null && !site.equals("same-origin") && !site.equals("none")) {
			return true;
		}
		try {
			return !WebUtils.isSameOrigin(new ServletServerHttpRequest(request));
		}
		catch (RuntimeException ex) {
			// An Origin that is no address
			return true;
		}
	}

	private Answer receive(HttpServletRequest request) throws IOException {
		if (!this.receiver.isOpen()) {
			return this.receiver.refuse(RefusalReason.SHUTTING_DOWN, (String) null);
		}
		String encoding = request.getHeader(HttpHeaders.CONTENT_ENCODING);
		boolean gzip = encoding != null && encoding.trim().toLowerCase(Locale.ROOT).equals("gzip");
		boolean plain = encoding == null || encoding.trim().toLowerCase(Locale.ROOT).equals("identity");
		if (!(gzip || plain) || !isTaken(request.getContentType())) {
			return this.receiver.refuse(RefusalReason.UNSUPPORTED_TYPE, (String) null);
		}
		// Before a byte is read; what does not say its length is watched while it comes
		if (request.getContentLengthLong() > this.maxBatchSize) {
			return this.receiver.refuse(RefusalReason.TOO_LARGE, (String) null);
		}
		byte[] body = Bodies.read(request.getInputStream(), this.maxBatchSize);
		if (body.length > this.maxBatchSize) {
			return this.receiver.refuse(RefusalReason.TOO_LARGE, plain ? body : new byte[0]);
		}
		if (gzip) {
			try {
				body = Bodies.gunzip(body, this.maxBatchSize);
			}
			catch (IOException ex) {
				return this.receiver.refuse(RefusalReason.MALFORMED, (String) null);
			}
			if (body.length > this.maxBatchSize) {
				return this.receiver.refuse(RefusalReason.TOO_LARGE, body);
			}
		}
		Principal principal = request.getUserPrincipal();
		return this.receiver.receive(
				new Sender(Sender.Road.HTTP, null, null, (principal != null) ? principal.getName() : null, null), body);
	}

	private static boolean isTaken(@Nullable String contentType) {
		if (contentType == null) {
			return false;
		}
		try {
			MediaType type = MediaType.parseMediaType(contentType);
			return (type.equalsTypeAndSubtype(MediaType.APPLICATION_JSON)
					|| type.equalsTypeAndSubtype(MediaType.TEXT_PLAIN))
					&& (type.getCharset() == null || type.getCharset().equals(java.nio.charset.StandardCharsets.UTF_8));
		}
		catch (InvalidMediaTypeException ex) {
			return false;
		}
	}

	private static void refuse(HttpServletResponse response, Answer.Refused refused) throws IOException {
		if (refused.retryAfterMs() > 0) {
			response.setHeader(HttpHeaders.RETRY_AFTER, Long.toString((refused.retryAfterMs() + 999) / 1000));
		}
		write(response, refused.reason().status(), MediaType.APPLICATION_PROBLEM_JSON_VALUE,
				AnswerWriter.problem(refused));
	}

	private static void write(HttpServletResponse response, int status, String type, byte[] body) throws IOException {
		response.setStatus(status);
		response.setContentType(type);
		response.setContentLength(body.length);
		response.getOutputStream().write(body);
	}

}
