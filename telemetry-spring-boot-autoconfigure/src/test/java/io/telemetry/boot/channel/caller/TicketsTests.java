package io.telemetry.boot.channel.caller;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

import io.telemetry.boot.InvalidSettingException;
import io.telemetry.boot.channel.caller.TicketRejectedException.Reason;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class TicketsTests {

	private static final String SECRET = "0123456789abcdef0123456789abcdef";

	private static final String ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/ \n\u00e9";

	private static final Application SHOP = new Application("shop", "shop-key-1", List.of());

	private final TestClock clock = new TestClock();

	private final Tickets tickets = new Tickets(SECRET, Duration.ofSeconds(60), this.clock);

	private void assertRejected(String text, Reason reason) {
		assertThatExceptionOfType(TicketRejectedException.class).isThrownBy(() -> this.tickets.verify(text))
			.satisfies((ex) -> assertThat(ex.reason()).isEqualTo(reason))
			.satisfies((ex) -> assertThat(ex.getStackTrace()).isEmpty());
	}

	private static String signed(String payload) throws Exception {
		Base64.Encoder encoder = Base64.getUrlEncoder().withoutPadding();
		String encoded = encoder.encodeToString(payload.getBytes(StandardCharsets.UTF_8));
		Mac mac = Mac.getInstance("HmacSHA256");
		mac.init(new SecretKeySpec(SECRET.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
		return encoded + "." + encoder.encodeToString(mac.doFinal(encoded.getBytes(StandardCharsets.UTF_8)));
	}

	@Test
	void ticketSaysWhatItWasIssuedFor() throws Exception {
		Ticket ticket = this.tickets.issue("jo\u00e9\nx", SHOP, null);
		Instant expiry = this.clock.instant().plusSeconds(60);
		assertThat(ticket.expiresAt()).isEqualTo(expiry);
		assertThat(ticket.text()).matches("[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]{43}");
		assertThat(this.tickets.verify(ticket.text()))
			.isEqualTo(new VerifiedTicket("jo\u00e9\nx", "shop", expiry, null));
	}

	@Test
	void ticketEndsWithWhatItWasIssuedFor() throws Exception {
		Instant until = this.clock.instant().plusSeconds(20);
		Ticket ticket = this.tickets.issue("jo", SHOP, until);
		assertThat(ticket.expiresAt()).isEqualTo(until);
		assertThat(this.tickets.verify(ticket.text())).isEqualTo(new VerifiedTicket("jo", "shop", until, until));
		this.clock.advance(Duration.ofSeconds(20));
		assertRejected(ticket.text(), Reason.EXPIRED);
		Instant late = this.clock.instant().plusSeconds(3600);
		assertThat(this.tickets.verify(this.tickets.issue("jo", SHOP, late).text()).authenticatedUntil())
			.isEqualTo(late);
		assertThat(this.tickets.verify(this.tickets.issue("jo", SHOP, Instant.MAX).text()).userId()).isEqualTo("jo");
	}

	@Test
	void ticketIsGoodUntilItsTimeIsOver() throws Exception {
		Ticket ticket = this.tickets.issue("jo", Application.DEFAULT, null);
		this.clock.advance(Duration.ofMillis(59_999));
		assertThat(this.tickets.verify(ticket.text()).application()).isEmpty();
		this.clock.advance(Duration.ofMillis(1));
		assertRejected(ticket.text(), Reason.EXPIRED);
	}

	@Test
	void serversWithOneSecretTakeEachOthersTicketsAndOthersDont() throws Exception {
		String text = this.tickets.issue("jo", SHOP, null).text();
		assertThat(new Tickets(SECRET, Duration.ofSeconds(1), this.clock).verify(text).userId()).isEqualTo("jo");
		List<Tickets> others = List.of(new Tickets(SECRET + "x", Duration.ofSeconds(60), this.clock),
				new Tickets(null, Duration.ofSeconds(60), this.clock));
		for (Tickets other : others) {
			assertThatExceptionOfType(TicketRejectedException.class).isThrownBy(() -> other.verify(text))
				.satisfies((ex) -> assertThat(ex.reason()).isEqualTo(Reason.FORGED));
		}
		Tickets random = new Tickets(null, Duration.ofSeconds(60), this.clock);
		assertThat(random.verify(random.issue("jo", SHOP, null).text()).userId()).isEqualTo("jo");
	}

	@Test
	void everyOtherCharacterInEveryPlaceIsAForgery() throws Exception {
		String text = this.tickets.issue("jo", SHOP, null).text();
		for (int i = 0; i < text.length(); i++) {
			for (int j = 0; j < ALPHABET.length(); j++) {
				char other = ALPHABET.charAt(j);
				if (other != text.charAt(i)) {
					String changed = text.substring(0, i) + other + text.substring(i + 1);
					assertThatExceptionOfType(TicketRejectedException.class)
						.as("place %d, %s for %s", i, other, text.charAt(i))
						.isThrownBy(() -> this.tickets.verify(changed));
				}
			}
		}
	}

	@Test
	void whatIsNoTicketIsRejectedWhateverItIs() {
		Random random = new Random(17);
		String good = this.tickets.issue("jo", SHOP, null).text();
		for (int round = 0; round < 20_000; round++) {
			StringBuilder text = new StringBuilder((round % 2 == 0) ? good : "");
			for (int edit = random.nextInt(1, 6); edit > 0; edit--) {
				int place = random.nextInt(text.length() + 1);
				switch (random.nextInt(3)) {
					case 0 -> text.insert(place, ALPHABET.charAt(random.nextInt(ALPHABET.length())));
					case 1 -> text.delete(place, Math.min(text.length(), place + random.nextInt(1, 10)));
					default -> text.insert(place, good, 0, random.nextInt(good.length()));
				}
			}
			if (!text.toString().equals(good)) {
				assertThatExceptionOfType(TicketRejectedException.class).as(text::toString)
					.isThrownBy(() -> this.tickets.verify(text.toString()));
			}
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "", ".", "a", "a.", ".a", "\u0000", "null" })
	void whatHasNotTheFormOfATicketIsMalformed(String text) {
		assertRejected(text, Reason.MALFORMED);
	}

	@Test
	void longTextIsNotLookedAt() {
		assertRejected("x".repeat(1025), Reason.TOO_LONG);
		assertRejected("x".repeat(1022) + ".x", Reason.FORGED);
	}

	@Test
	void genuineTicketOfAnotherVersionIsRejected() throws Exception {
		assertRejected(signed("2\n9999999999999\n\nshop\njo"), Reason.OTHER_VERSION);
		assertRejected(signed("{}"), Reason.OTHER_VERSION);
		assertRejected(signed("1\n9999999999999\n\nshop"), Reason.MALFORMED);
		assertRejected(signed("1\n9999999999999\n\nshop\n"), Reason.MALFORMED);
		assertRejected(signed("1\nsoon\n\nshop\njo"), Reason.MALFORMED);
		assertRejected(signed("1\n-9\n\nshop\njo"), Reason.EXPIRED);
		assertThat(this.tickets.verify(signed("1\n9999999999999\n\nshop\njo")).userId()).isEqualTo("jo");
	}

	@Test
	void userIdsThatFitAreTakenAndOthersRefused() throws Exception {
		String longest = "x".repeat(Callers.MAX_USER_ID_LENGTH);
		Application application = new Application("n".repeat(64), "12345678", List.of());
		assertThat(this.tickets.verify(this.tickets.issue(longest, application, Instant.MAX).text()).userId())
			.isEqualTo(longest);
		assertThatIllegalArgumentException().isThrownBy(() -> this.tickets.issue("x".repeat(2000), SHOP, null))
			.withMessageContaining("2000 characters");
		assertThatIllegalArgumentException().isThrownBy(() -> this.tickets.issue("", SHOP, null));
	}

	@Test
	void shortSecretIsRefusedAndNotTold() {
		assertThatExceptionOfType(InvalidSettingException.class)
			.isThrownBy(() -> new Tickets("hunter2", Duration.ofSeconds(60), this.clock))
			.withMessage("ticket.secret must have at least 32 bytes, but is '7 bytes'");
		assertThat(new Tickets("\u00e9".repeat(16), Duration.ofSeconds(60), this.clock)).isNotNull();
	}

	@Test
	void timeOutOfBoundsIsRefused() {
		for (Duration time : List.of(Duration.ZERO, Duration.ofMillis(999), Duration.ofDays(1).plusMillis(1))) {
			assertThatExceptionOfType(InvalidSettingException.class)
				.isThrownBy(() -> new Tickets(SECRET, time, this.clock))
				.withMessageStartingWith("ticket.time-to-live must be at least a second");
		}
	}

	@Test
	void severalThreadsIssueAndVerifyAtOnce() throws Exception {
		ExecutorService threads = Executors.newFixedThreadPool(8);
		try {
			List<Callable<Void>> tasks = new ArrayList<>();
			for (int thread = 0; thread < 8; thread++) {
				String user = "user-" + thread;
				tasks.add(() -> {
					for (int i = 0; i < 500; i++) {
						assertThat(this.tickets.verify(this.tickets.issue(user, SHOP, null).text()).userId())
							.isEqualTo(user);
					}
					return null;
				});
			}
			for (Future<Void> done : threads.invokeAll(tasks, 60, TimeUnit.SECONDS)) {
				done.get();
			}
		}
		finally {
			threads.shutdownNow();
		}
	}

}
