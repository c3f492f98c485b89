package io.telemetry.boot.channel.caller;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import io.telemetry.boot.InvalidSettingException;
import io.telemetry.boot.channel.caller.Caller.Source;
import io.telemetry.boot.channel.caller.UnauthorizedException.Reason;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class CallersTests {

	private static final Application SHOP = new Application("shop", "shop-key-1", List.of());

	private static final Application ADMIN = new Application("admin", "admin-key-1", List.of());

	private static final CallerSettings ALL = new CallerSettings("who", true, false);

	private final TestClock clock = new TestClock();

	private final Tickets tickets = new Tickets(null, Duration.ofSeconds(60), this.clock);

	private final List<UserIdResolver> resolvers = new ArrayList<>();

	private @Nullable TokenVerifier verifier = (token) -> switch (token) {
		case "good" -> new VerifiedToken("by-token", null, Map.of("email", "jo@example.org"));
		case "expiring" -> new VerifiedToken("by-token", this.clock.instant().plusSeconds(30), Map.of());
		case "expired" -> new VerifiedToken("by-token", this.clock.instant(), Map.of());
		case "down" -> throw new IllegalStateException("no keys");
		default -> throw new TokenRejectedException("signature\nof " + token + " is wrong");
	};

	private Callers callers(CallerSettings settings) {
		return new Callers(settings, new Applications(List.of(SHOP, ADMIN)),
				new ClientAddresses(TrustedProxies.NONE, ClientAddress.Mode.ANONYMISED),
				new UserAgents((header) -> Map.of("browser", header)), this.verifier, this.tickets, this.resolvers,
				this.clock);
	}

	private Caller resolve(CallerSettings settings, TestRequest request, Credentials credentials) throws Exception {
		Callers callers = callers(settings);
		return callers.resolve(callers.arrive(request), credentials);
	}

	private void assertRefused(CallerSettings settings, TestRequest request, Credentials credentials, Reason reason) {
		assertThatExceptionOfType(UnauthorizedException.class)
			.isThrownBy(() -> callers(settings).require(resolve(settings, request, credentials)))
			.satisfies((ex) -> assertThat(ex.reason()).isEqualTo(reason))
			.satisfies((ex) -> assertThat(ex.getStackTrace()).isEmpty());
	}

	private String ticket(String userId, Application application) {
		return this.tickets.issue(userId, application, null).text();
	}

	@ParameterizedTest(name = "{0} {1} {2} {3} {4} {5} {6}")
	@CsvSource({
			// settings, resolver, principal, token, ticket, parameter, claim: user,
			// source, claimed
			"all, r, p, good, t, h, c, r, RESOLVER, c", "all, , p, good, t, h, c, p, PRINCIPAL, c",
			"all, , , good, t, h, c, by-token, TOKEN, c", "all, , , , t, h, c, t, TICKET, c",
			"all, , , , , h, c, h, HANDSHAKE, c", "all, , , , , , c, c, CLAIM,", "all, , , , , , , , NONE,",
			"all, , p, , , , p, p, PRINCIPAL,", "none, r, p, good, t, h, c, r, RESOLVER, c",
			"none, , p, , , h, c, p, PRINCIPAL, c", "none, , , good, t, h, c, by-token, TOKEN, c",
			"none, , , , t, h, c, t, TICKET, c", "none, , , , , h, c, , NONE, c", "none, , , , , , , , NONE,",
			"required, r, , , , , , r, RESOLVER,", "required, , p, , , , , p, PRINCIPAL,",
			"required, , , good, , , , by-token, TOKEN,", "required, , , , t, , , t, TICKET," })
	void strongestThatIsThereCounts(String settings, @Nullable String resolver, @Nullable String principal,
			@Nullable String token, @Nullable String ticket, @Nullable String parameter, @Nullable String claim,
			@Nullable String user, Source source, @Nullable String claimed) throws Exception {
		TestRequest request = new TestRequest();
		if (resolver != null) {
			this.resolvers.add((evidence) -> resolver);
		}
		if (principal != null) {
			request.principal(principal);
		}
		if (parameter != null) {
			request.query("who", parameter);
		}
		Caller caller = resolve(settings(settings), request, new Credentials((token != null) ? "Bearer " + token : null,
				(ticket != null) ? ticket(ticket, Application.DEFAULT) : null, claim));
		assertThat(caller.userId()).isEqualTo(user);
		assertThat(caller.source()).isEqualTo(source);
		assertThat(caller.claimedUserId()).isEqualTo(claimed);
		assertThat(caller.isAuthenticated()).isEqualTo(source.compareTo(Source.TICKET) <= 0);
		assertThat(caller.isEntitledToTicket()).isEqualTo(source.compareTo(Source.TICKET) < 0);
	}

	private static CallerSettings settings(String name) {
		return switch (name) {
			case "all" -> ALL;
			case "required" -> new CallerSettings("who", true, true);
			default -> CallerSettings.DEFAULTS;
		};
	}

	@Test
	void whatIsGivenButBadIsRefusedWhateverElseIsGood() {
		this.resolvers.add((evidence) -> "resolved");
		TestRequest request = new TestRequest().principal("p");
		String good = ticket("t", Application.DEFAULT);
		assertRefused(ALL, request, new Credentials("Bearer bad", good, null), Reason.BAD_TOKEN);
		assertRefused(ALL, request, new Credentials("Bearer expired", good, null), Reason.BAD_TOKEN);
		assertRefused(ALL, request, new Credentials("Bearer good", "bad", null), Reason.BAD_TICKET);
		assertRefused(ALL, request, new Credentials(null, "", null), Reason.BAD_TICKET);
		assertRefused(ALL, request, new Credentials("Bearer down", good, null), Reason.FAILED);
		this.clock.advance(Duration.ofSeconds(60));
		assertRefused(ALL, request, new Credentials("Bearer good", good, null), Reason.BAD_TICKET);
	}

	@Test
	void whoProvesNothingIsRefusedWhereAuthenticationIsRequired() {
		CallerSettings required = new CallerSettings("who", true, true);
		assertRefused(required, new TestRequest(), Credentials.NONE, Reason.NOT_AUTHENTICATED);
		assertRefused(required, new TestRequest().query("who", "h"), new Credentials(null, null, "c"),
				Reason.NOT_AUTHENTICATED);
		assertRefused(required, new TestRequest().principal(""), Credentials.NONE, Reason.NOT_AUTHENTICATED);
	}

	@ParameterizedTest
	@ValueSource(strings = { "Bearer ", "Bearer  ", "Bearer a b", "Bearer good\u0000", "bearer good,good", "Bearer =",
			"Bearer \u00e9", "Bearer good=good" })
	void malformedTokenIsRefusedBeforeItIsVerified(String authorization) {
		this.verifier = (token) -> {
			throw new AssertionError(token);
		};
		assertRefused(ALL, new TestRequest(), new Credentials(authorization, null, null), Reason.BAD_TOKEN);
	}

	@Test
	void longTokenIsRefusedBeforeItIsLookedAt() throws Exception {
		this.verifier = (token) -> new VerifiedToken("u" + token.length(), null, Map.of());
		assertThat(resolve(ALL, new TestRequest(), new Credentials("Bearer " + "x".repeat(8192), null, null)).userId())
			.isEqualTo("u8192");
		assertRefused(ALL, new TestRequest(), new Credentials("Bearer " + "x".repeat(8193), null, null),
				Reason.BAD_TOKEN);
	}

	@Test
	void tokenOfTheRequestCountsWhereConnectHasNone() throws Exception {
		TestRequest request = new TestRequest().header("authorization", "bearer good");
		assertThat(resolve(ALL, request, Credentials.NONE).userId()).isEqualTo("by-token");
		assertRefused(ALL, request, new Credentials("Bearer bad", null, null), Reason.BAD_TOKEN);
	}

	@Test
	void otherSchemesAndTokensThatNobodyVerifiesAreNotLookedAt() throws Exception {
		TestRequest request = new TestRequest().header("Authorization", "Basic am86c2VjcmV0");
		assertThat(resolve(ALL, request, Credentials.NONE).source()).isEqualTo(Source.NONE);
		this.verifier = null;
		assertThat(resolve(ALL, request, new Credentials("Bearer bad", null, null)).source()).isEqualTo(Source.NONE);
	}

	@Test
	void whatIsSaidOfABadTokenIsShortAndPrintable() {
		assertThatExceptionOfType(UnauthorizedException.class)
			.isThrownBy(() -> resolve(ALL, new TestRequest(), new Credentials("Bearer bad", null, null)))
			.withMessage("signature?of bad is wrong");
		assertThatExceptionOfType(UnauthorizedException.class)
			.isThrownBy(
					() -> resolve(ALL, new TestRequest(), new Credentials("Bearer " + "b".repeat(5000), null, null)))
			.satisfies((ex) -> assertThat(ex.getMessage()).hasSize(201));
	}

	@Test
	void ticketIsGoodForItsApplicationOnly() throws Exception {
		TestRequest shop = new TestRequest().query("key", "shop-key-1");
		assertThat(resolve(ALL, shop, new Credentials(null, ticket("jo", SHOP), null)).userId()).isEqualTo("jo");
		assertRefused(ALL, shop, new Credentials(null, ticket("jo", ADMIN), null), Reason.OTHER_APPLICATION);
		assertRefused(ALL, shop, new Credentials(null, ticket("jo", Application.DEFAULT), null),
				Reason.OTHER_APPLICATION);
		assertRefused(ALL, new TestRequest(), new Credentials(null, ticket("jo", SHOP), null),
				Reason.OTHER_APPLICATION);
	}

	@Test
	void whoeverHasNoKnownKeyIsTurnedAwayAtTheDoor() throws Exception {
		assertThatExceptionOfType(UnauthorizedException.class)
			.isThrownBy(() -> callers(ALL).arrive(new TestRequest().query("key", "nobody-s")))
			.satisfies((ex) -> assertThat(ex.reason()).hasToString("unknown-application"));
		assertThat(callers(ALL).arrive(new TestRequest().query("key", "shop-key-1")).application()).isEqualTo(SHOP);
		assertThat(callers(ALL).arrive(new TestRequest()).application()).isEqualTo(Application.DEFAULT);
	}

	@Test
	void callerEndsWithWhatEndsFirst() throws Exception {
		Instant now = this.clock.instant();
		assertThat(resolve(ALL, new TestRequest().principal("p"), Credentials.NONE).expiresAt()).isNull();
		assertThat(resolve(ALL, new TestRequest(), new Credentials("Bearer expiring", null, null)).expiresAt())
			.isEqualTo(now.plusSeconds(30));
		String plain = ticket("jo", Application.DEFAULT);
		assertThat(resolve(ALL, new TestRequest(), new Credentials(null, plain, null)).expiresAt()).isNull();
		String early = this.tickets.issue("jo", Application.DEFAULT, now.plusSeconds(20)).text();
		assertThat(resolve(ALL, new TestRequest(), new Credentials("Bearer expiring", early, null)).expiresAt())
			.isEqualTo(now.plusSeconds(20));
		String late = this.tickets.issue("jo", Application.DEFAULT, now.plusSeconds(40)).text();
		assertThat(resolve(ALL, new TestRequest(), new Credentials("Bearer expiring", late, null)).expiresAt())
			.isEqualTo(now.plusSeconds(30));
	}

	@Test
	void resolversAreAskedInOrderWithAllThatWasVerified() throws Exception {
		List<Evidence> asked = new ArrayList<>();
		this.resolvers.add((evidence) -> {
			asked.add(evidence);
			return null;
		});
		this.resolvers.add((evidence) -> "");
		this.resolvers
			.add((evidence) -> (evidence.token() != null) ? (String) evidence.token().claims().get("email") : null);
		this.resolvers.add((evidence) -> "never asked");
		TestRequest request = new TestRequest().principal("p").query("key", "shop-key-1");
		Caller caller = resolve(ALL, request, new Credentials("Bearer good", ticket("jo", SHOP), null));
		assertThat(caller.userId()).isEqualTo("jo@example.org");
		assertThat(asked).singleElement().satisfies((evidence) -> {
			assertThat(evidence.request()).isSameAs(request);
			assertThat(evidence.application()).isEqualTo(SHOP);
			assertThat(evidence.ticket().userId()).isEqualTo("jo");
		});
	}

	@Test
	void failureOfAResolverRefusesAndIsKept() {
		IllegalStateException failure = new IllegalStateException("on purpose");
		this.resolvers.add((evidence) -> {
			throw failure;
		});
		assertThatExceptionOfType(UnauthorizedException.class)
			.isThrownBy(() -> resolve(ALL, new TestRequest().principal("p"), Credentials.NONE))
			.withCause(failure)
			.satisfies((ex) -> assertThat(ex.reason()).isEqualTo(Reason.FAILED));
	}

	@Test
	void namesOutOfBoundsAreRefusedWhereTheyAreBelievedAndElseIgnored() throws Exception {
		assertThat(resolve(ALL, new TestRequest().principal("x".repeat(512)), Credentials.NONE).userId()).hasSize(512);
		assertRefused(ALL, new TestRequest().principal("x".repeat(513)), Credentials.NONE, Reason.BAD_USER_ID);
		Caller caller = resolve(ALL, new TestRequest().query("who", "x".repeat(257)),
				new Credentials(null, null, "x".repeat(257)));
		assertThat(caller.source()).isEqualTo(Source.NONE);
		assertThat(caller.claimedUserId()).isNull();
	}

	@Test
	void laterClaimIsBelievedWhereNothingStrongerIsKnown() throws Exception {
		Callers callers = callers(ALL);
		Caller caller = callers.resolve(callers.arrive(new TestRequest()), Credentials.NONE);
		Caller jo = callers.claim(caller, "jo");
		assertThat(jo.userId()).isEqualTo("jo");
		assertThat(jo.source()).isEqualTo(Source.CLAIM);
		assertThat(callers.claim(jo, "jo")).isSameAs(jo);
		assertThat(callers.claim(jo, null)).isSameAs(jo);
		assertThat(callers.claim(jo, "")).isSameAs(jo);
		assertThat(callers.claim(jo, "x".repeat(257))).isSameAs(jo);
		assertThat(callers.claim(jo, "al").userId()).isEqualTo("al");
	}

	@Test
	void laterClaimIsKeptBesideWhatIsKnown() throws Exception {
		Callers callers = callers(ALL);
		Caller caller = callers.resolve(callers.arrive(new TestRequest().principal("p")), Credentials.NONE);
		Caller claiming = callers.claim(caller, "jo");
		assertThat(claiming.userId()).isEqualTo("p");
		assertThat(claiming.source()).isEqualTo(Source.PRINCIPAL);
		assertThat(claiming.claimedUserId()).isEqualTo("jo");
		assertThat(callers.claim(claiming, "jo")).isSameAs(claiming);
		assertThat(callers.claim(claiming, "p").claimedUserId()).isNull();
		assertThat(callers.claim(caller, "p")).isSameAs(caller);
	}

	@Test
	void addressAndBrowserComeAlong() throws Exception {
		Caller caller = resolve(ALL,
				new TestRequest().from("203.0.113.7").header("User-Agent", "Lynx").query("key", "shop-key-1"),
				Credentials.NONE);
		assertThat(caller.address()).isEqualTo(new ClientAddress("203.0.113.7", "203.0.113.0"));
		assertThat(caller.userAgent()).containsOnly(Map.entry("browser", "Lynx"));
		assertThat(caller.application()).isEqualTo(SHOP);
	}

	@Test
	void credentialsAreNotTold() {
		assertThat(new Credentials("Bearer secret", "secret", "jo").toString()).doesNotContain("secret").contains("jo");
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "key", "a b", "a=b" })
	void wrongNameOfTheParameterIsRefused(String name) {
		assertThatExceptionOfType(InvalidSettingException.class)
			.isThrownBy(() -> new CallerSettings(name, false, false))
			.withMessageStartingWith("user-id.handshake-parameter must be 1 to 64");
	}

}
