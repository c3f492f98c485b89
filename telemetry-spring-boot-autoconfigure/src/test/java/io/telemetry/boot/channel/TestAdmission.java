package io.telemetry.boot.channel;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.Principal;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;

import io.telemetry.boot.channel.caller.Applications;
import io.telemetry.boot.channel.caller.Arrival;
import io.telemetry.boot.channel.caller.CallerRequest;
import io.telemetry.boot.channel.caller.CallerSettings;
import io.telemetry.boot.channel.caller.Callers;
import io.telemetry.boot.channel.caller.ClientAddress;
import io.telemetry.boot.channel.caller.ClientAddresses;
import io.telemetry.boot.channel.caller.Credentials;
import io.telemetry.boot.channel.caller.CsrfProtection;
import io.telemetry.boot.channel.caller.Tickets;
import io.telemetry.boot.channel.caller.TokenVerifier;
import io.telemetry.boot.channel.caller.TrustedProxies;
import io.telemetry.boot.channel.caller.UnauthorizedException;
import io.telemetry.boot.channel.caller.UserAgents;
import io.telemetry.boot.channel.limit.BytesInHand;
import io.telemetry.boot.channel.limit.ConnectionLimits;
import io.telemetry.boot.channel.limit.ConnectionSlots;
import io.telemetry.boot.channel.limit.EventRates;
import io.telemetry.boot.channel.limit.Overload;
import io.telemetry.boot.channel.limit.RateLimits;
import org.jspecify.annotations.Nullable;

/**
 * Lets clients in without a server, and knows senders by what they bring.
 */
final class TestAdmission {

	static final RateLimits UNLIMITED = new RateLimits(null, null, null, Map.of(), 100);

	private TestAdmission() {
	}

	static BytesInHand roomy() {
		return room(BytesInHand.DEFAULT_LIMIT);
	}

	/**
	 * Room for so many bytes, too few for a server.
	 */
	static BytesInHand room(long bytes) {
		long least = 64 * 1024;
		BytesInHand inHand = new BytesInHand(Math.max(least, bytes), 0);
		inHand.reserve(Math.max(least, bytes) - bytes);
		return inHand;
	}

	/**
	 * What finds the frames behind a CONNECT.
	 */
	static FrameAssembler assembler(int maxBody) {
		return assembler(maxBody, roomy());
	}

	static FrameAssembler assembler(int maxBody, BytesInHand inHand) {
		FrameAssembler assembler = new FrameAssembler(maxBody, inHand);
		assembler.take(ByteBuffer.wrap("CONNECT\n\n\0".getBytes(StandardCharsets.UTF_8)),
				(frame) -> inHand.release(frame.reserved()));
		return assembler;
	}

	static Admission open() {
		return with(CallerSettings.DEFAULTS, UNLIMITED, 0);
	}

	static Admission verifying(TokenVerifier tokens) {
		return with(CallerSettings.DEFAULTS, UNLIMITED, 0, tokens);
	}

	static Admission with(BytesInHand inHand) {
		return with(CallerSettings.DEFAULTS, UNLIMITED, 0, null, inHand);
	}

	static Admission with(CallerSettings callers, RateLimits rates, double pressure) {
		return with(callers, rates, pressure, null);
	}

	private static Admission with(CallerSettings callers, RateLimits rates, double pressure,
			@Nullable TokenVerifier tokens) {
		return with(callers, rates, pressure, tokens, roomy());
	}

	private static Admission with(CallerSettings callers, RateLimits rates, double pressure,
			@Nullable TokenVerifier tokens, BytesInHand inHand) {
		InstantSource clock = InstantSource.system();
		return new Admission(
				new Callers(callers, Applications.NONE,
						new ClientAddresses(TrustedProxies.NONE, ClientAddress.Mode.NONE), UserAgents.NONE, tokens,
						new Tickets(null, Duration.ofMinutes(1), clock), List.of(), clock),
				CsrfProtection.NONE, new ConnectionSlots(ConnectionLimits.DEFAULTS), new EventRates(rates),
				new Overload(() -> pressure, Overload.DEFAULT_PRESSURE, Overload.DEFAULT_RETRY_AFTER, () -> 0), inHand);
	}

	static Sender stomp(Admission admission, String connection, String session, @Nullable String claimed) {
		Arrival arrival = arrive(admission, null);
		try {
			return new Sender(Sender.Road.STOMP, connection, session,
					admission.callers().resolve(arrival, new Credentials(null, null, claimed)), null,
					admission.rates().forConnection());
		}
		catch (UnauthorizedException ex) {
			throw new IllegalArgumentException(ex);
		}
	}

	static Sender http(Admission admission, @Nullable String principal) {
		Arrival arrival = arrive(admission, principal);
		try {
			return new Sender(Sender.Road.HTTP, null, null, admission.callers().resolve(arrival, Credentials.NONE),
					arrival, null);
		}
		catch (UnauthorizedException ex) {
			throw new IllegalArgumentException(ex);
		}
	}

	private static Arrival arrive(Admission admission, @Nullable String principal) {
		try {
			return admission.callers().arrive(new Request(principal));
		}
		catch (UnauthorizedException ex) {
			throw new IllegalArgumentException(ex);
		}
	}

	private record Request(@Nullable String name) implements CallerRequest {

		@Override
		public @Nullable Principal principal() {
			return (this.name != null) ? this::name : null;
		}

		@Override
		public @Nullable String remoteAddress() {
			return "192.0.2.1";
		}

		@Override
		public List<String> headers(String name) {
			return List.of();
		}

		@Override
		public @Nullable String query() {
			return null;
		}

	}

}
