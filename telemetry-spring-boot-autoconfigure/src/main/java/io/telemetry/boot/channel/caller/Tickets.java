package io.telemetry.boot.channel.caller;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;

import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

import io.telemetry.boot.InvalidSettingException;
import org.jspecify.annotations.Nullable;

/**
 * Issues and verifies tickets: short-lived, signed words by which a client that can't
 * send its cookies or tokens along (a beacon, a WebSocket to another host) proves who it
 * is.
 * <p>
 * A ticket is {@code payload.signature}, both in base64url without padding. The payload
 * is UTF-8 text of five lines: the version {@code 1}, expiry and end of the
 * authentication (epoch milliseconds, the latter may be empty), the name of the front
 * end, the user id. The signature is HMAC-SHA256 of the encoded payload. Nothing in a
 * ticket is secret but its being genuine: whoever has one is that user until it expires.
 * <p>
 * Safe for several threads.
 */
public final class Tickets {

	/** The longest ticket that is issued or looked at, in characters. */
	public static final int MAX_LENGTH = 1024;

	/** The shortest secret, in bytes. */
	public static final int MIN_SECRET_LENGTH = 32;

	private static final String ALGORITHM = "HmacSHA256";

	private static final String VERSION = "1";

	private static final Base64.Encoder ENCODER = Base64.getUrlEncoder().withoutPadding();

	private final SecretKeySpec key;

	private final Duration timeToLive;

	private final InstantSource clock;

	/**
	 * Tickets that are good for a time.
	 * @param secret what signs them: the same on all servers that are to take them; text
	 * of at least {@value #MIN_SECRET_LENGTH} bytes. {@code null} for a random one, with
	 * which no other server takes them, nor this one after a restart
	 * @param timeToLive how long a ticket is good, at least a second and at most a day
	 * @param clock the time
	 * @throws InvalidSettingException if the secret is too short or the time out of
	 * bounds
	 */
	public Tickets(@Nullable String secret, Duration timeToLive, InstantSource clock) {
		if (timeToLive.compareTo(Duration.ofSeconds(1)) < 0 || timeToLive.compareTo(Duration.ofDays(1)) > 0) {
			throw new InvalidSettingException("ticket.time-to-live", timeToLive,
					"must be at least a second and at most a day");
		}
		this.key = new SecretKeySpec((secret != null) ? bytes(secret) : random(), ALGORITHM);
		this.timeToLive = timeToLive;
		this.clock = clock;
	}

	private static byte[] bytes(String secret) {
		byte[] bytes = secret.getBytes(StandardCharsets.UTF_8);
		if (bytes.length < MIN_SECRET_LENGTH) {
			// Not the secret itself: the message goes to the log
			throw new InvalidSettingException("ticket.secret", bytes.length + " bytes",
					"must have at least " + MIN_SECRET_LENGTH + " bytes");
		}
		return bytes;
	}

	private static byte[] random() {
		byte[] bytes = new byte[MIN_SECRET_LENGTH];
		new SecureRandom().nextBytes(bytes);
		return bytes;
	}

	/**
	 * Issues a ticket.
	 * @param userId the user, never empty
	 * @param application the front end for which it is good
	 * @param authenticatedUntil when that ends to be good by which the user is known
	 * ({@link Caller#expiresAt()}): the ticket ends with it, and so does a connection
	 * that was made with the ticket. {@code null} for never
	 * @return the ticket
	 * @throws IllegalArgumentException if the user id is empty, or too long for a ticket:
	 * 512 ASCII characters always fit
	 */
	public Ticket issue(String userId, Application application, @Nullable Instant authenticatedUntil) {
		if (userId.isEmpty()) {
			throw new IllegalArgumentException("The user id of a ticket must not be empty");
		}
		long expires = this.clock.instant().plus(this.timeToLive).toEpochMilli();
		if (authenticatedUntil != null) {
			expires = Math.min(expires, millis(authenticatedUntil));
		}
		String payload = ENCODER.encodeToString(
				(VERSION + "\n" + expires + "\n" + ((authenticatedUntil != null) ? millis(authenticatedUntil) : "")
						+ "\n" + application.name() + "\n" + userId)
					.getBytes(StandardCharsets.UTF_8));
		String text = payload + "." + signature(payload);
		if (text.length() > MAX_LENGTH) {
			throw new IllegalArgumentException(
					"A user id of " + userId.length() + " characters is too long for a ticket");
		}
		return new Ticket(text, Instant.ofEpochMilli(expires));
	}

	private static long millis(Instant instant) {
		try {
			return instant.toEpochMilli();
		}
		catch (ArithmeticException ex) {
			// Such as Instant.MAX
			return Long.MAX_VALUE;
		}
	}

	/**
	 * Verifies a ticket.
	 * @param text what a client presented
	 * @return what the ticket says
	 * @throws TicketRejectedException if it is not to be believed
	 */
	public VerifiedTicket verify(String text) throws TicketRejectedException {
		if (text.length() > MAX_LENGTH) {
			throw new TicketRejectedException(TicketRejectedException.Reason.TOO_LONG);
		}
		int dot = text.indexOf('.');
		if (dot <= 0 || dot == text.length() - 1) {
			throw new TicketRejectedException(TicketRejectedException.Reason.MALFORMED);
		}
		String payload = text.substring(0, dot);
		// As texts, because more than one text decodes to the same bytes
		if (!MessageDigest.isEqual(signature(payload).getBytes(StandardCharsets.UTF_8),
				text.substring(dot + 1).getBytes(StandardCharsets.UTF_8))) {
			throw new TicketRejectedException(TicketRejectedException.Reason.FORGED);
		}
		VerifiedTicket ticket = read(payload);
		if (!this.clock.instant().isBefore(ticket.expiresAt())) {
			throw new TicketRejectedException(TicketRejectedException.Reason.EXPIRED);
		}
		return ticket;
	}

	/**
	 * Reads a payload that is known to be genuine, yet may be a later version's.
	 */
	private static VerifiedTicket read(String payload) throws TicketRejectedException {
		try {
			String text = new String(Base64.getUrlDecoder().decode(payload), StandardCharsets.UTF_8);
			String[] lines = text.split("\n", 5);
			if (!lines[0].equals(VERSION)) {
				throw new TicketRejectedException(TicketRejectedException.Reason.OTHER_VERSION);
			}
			if (lines.length == 5 && !lines[4].isEmpty()) {
				return new VerifiedTicket(lines[4], lines[3], Instant.ofEpochMilli(Long.parseLong(lines[1])),
						lines[2].isEmpty() ? null : Instant.ofEpochMilli(Long.parseLong(lines[2])));
			}
		}
		catch (IllegalArgumentException | DateTimeException ex) {
			// Falls through
		}
		throw new TicketRejectedException(TicketRejectedException.Reason.MALFORMED);
	}

	private String signature(String payload) {
		try {
			// A new one each time, because it holds state
			Mac mac = Mac.getInstance(ALGORITHM);
			mac.init(this.key);
			return ENCODER.encodeToString(mac.doFinal(payload.getBytes(StandardCharsets.UTF_8)));
		}
		catch (GeneralSecurityException ex) {
			throw new IllegalStateException("Every Java has " + ALGORITHM, ex);
		}
	}

}
