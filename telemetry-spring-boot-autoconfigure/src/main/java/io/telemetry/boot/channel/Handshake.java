package io.telemetry.boot.channel;

import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;

import io.telemetry.boot.channel.caller.Arrival;
import io.telemetry.boot.channel.caller.UnauthorizedException;
import io.telemetry.boot.channel.limit.ConnectionSlots;
import org.jspecify.annotations.Nullable;

import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.http.server.ServerHttpRequest;
import org.springframework.http.server.ServerHttpResponse;
import org.springframework.http.server.ServletServerHttpRequest;
import org.springframework.web.socket.WebSocketHandler;
import org.springframework.web.socket.server.HandshakeInterceptor;

/**
 * Decides who may open a connection: nobody before the start or after the stop, no page
 * of another origin, no client with a wrong key, and no more than there are places for.
 */
final class Handshake implements HandshakeInterceptor {

	private static final String GUEST = Guest.class.getName();

	private final BatchReceiver receiver;

	private final Admission admission;

	private final PageOrigins origins;

	private final BooleanSupplier running;

	Handshake(ChannelSettings settings, BatchReceiver receiver, BooleanSupplier running) {
		this.receiver = receiver;
		this.admission = receiver.admission();
		this.origins = new PageOrigins(settings.allowedOriginPatterns(), this.admission.callers().applications(),
				List.of(HttpMethod.GET.name()));
		this.running = running;
	}

	@Override
	public boolean beforeHandshake(ServerHttpRequest request, ServerHttpResponse response, WebSocketHandler handler,
			Map<String, Object> attributes) {
		if (!this.running.getAsBoolean()) {
			this.receiver.stats().handshakeWhileShuttingDown();
			return refuse(response, HttpStatus.SERVICE_UNAVAILABLE, 5);
		}
		ServletDoor.Call call = new ServletDoor.Call(((ServletServerHttpRequest) request).getServletRequest());
		Arrival arrival;
		try {
			arrival = this.admission.callers().arrive(call);
		}
		catch (UnauthorizedException ex) {
			this.receiver.unauthorized(ex);
			return refuse(response, HttpStatus.UNAUTHORIZED, 0);
		}
		if (this.origins.allowed(call) == null && PageOrigins.isForeign(call)) {
			this.receiver.stats().handshakeFromForeignOrigin();
			return refuse(response, HttpStatus.FORBIDDEN, 0);
		}
		ConnectionSlots.Claim claim = this.admission.slots()
			.take(arrival.address().limitKey(), arrival.application().name());
		if (claim instanceof ConnectionSlots.Refused refused) {
			return refuse(response, (refused.limit() == ConnectionSlots.Limit.ADDRESS) ? HttpStatus.TOO_MANY_REQUESTS
					: HttpStatus.SERVICE_UNAVAILABLE, 30);
		}
		attributes.put(GUEST, new Guest(arrival.application(), arrival.address(), this.admission.csrf().expect(call),
				(ConnectionSlots.Slot) claim));
		return true;
	}

	private static boolean refuse(ServerHttpResponse response, HttpStatus status, int retryAfterSeconds) {
		response.setStatusCode(status);
		if (retryAfterSeconds > 0) {
			response.getHeaders().set(HttpHeaders.RETRY_AFTER, Integer.toString(retryAfterSeconds));
		}
		return false;
	}

	/**
	 * Who has come through the handshake.
	 * @param attributes the attributes of its connection
	 */
	static Guest guest(Map<String, Object> attributes) {
		if (attributes.get(GUEST) instanceof Guest guest) {
			return guest;
		}
		throw new IllegalStateException("A connection without a handshake");
	}

	@Override
	public void afterHandshake(ServerHttpRequest request, ServerHttpResponse response, WebSocketHandler handler,
			@Nullable Exception exception) {
		// Spring does not tell whether a connection comes of it: places that are not
		// taken are swept
	}

}
