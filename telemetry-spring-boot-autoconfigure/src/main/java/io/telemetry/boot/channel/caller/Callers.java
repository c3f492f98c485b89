package io.telemetry.boot.channel.caller;

import java.security.Principal;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

/**
 * Decides who a client is. {@link UserIdResolver}s are asked first; then count, in this
 * order, the principal, the bearer token, the ticket, the parameter of the handshake and
 * what the client claims, the last two only where they are to be believed.
 * <p>
 * What is given has to be good: a wrong token or ticket refuses the client, whatever else
 * it has. Safe for several threads. Works on the caller's thread, and waits where a
 * {@link TokenVerifier} or {@link UserIdResolver} does.
 */
public final class Callers {

	/** The longest bearer token that is looked at, in characters. */
	public static final int MAX_TOKEN_LENGTH = 8192;

	/** The longest user id that is taken from a client's word, in characters. */
	public static final int MAX_CLAIMED_LENGTH = 256;

	/** The longest user id that is taken from anybody, in characters. */
	public static final int MAX_USER_ID_LENGTH = 512;

	private static final int MAX_DETAIL_LENGTH = 200;

	private static final String BEARER = "Bearer ";

	/** As RFC 6750 has it. */
	private static final Pattern TOKEN = Pattern.compile("[A-Za-z0-9._~+/-]++=*+");

	private final CallerSettings settings;

	private final Applications applications;

	private final ClientAddresses addresses;

	private final UserAgents userAgents;

	private final @Nullable TokenVerifier tokens;

	private final Tickets tickets;

	private final List<UserIdResolver> resolvers;

	private final InstantSource clock;

	/**
	 * Decides by the given means.
	 * @param settings who is believed
	 * @param applications the front ends
	 * @param addresses finds out addresses
	 * @param userAgents knows browsers
	 * @param tokens verifies bearer tokens; {@code null} where they are not looked at
	 * @param tickets verifies tickets
	 * @param resolvers are asked first, in this order
	 * @param clock the time
	 */
	public Callers(CallerSettings settings, Applications applications, ClientAddresses addresses, UserAgents userAgents,
			@Nullable TokenVerifier tokens, Tickets tickets, List<UserIdResolver> resolvers, InstantSource clock) {
		this.settings = settings;
		this.applications = applications;
		this.addresses = addresses;
		this.userAgents = userAgents;
		this.tokens = tokens;
		this.tickets = tickets;
		this.resolvers = List.copyOf(resolvers);
		this.clock = clock;
	}

	/**
	 * The front ends that there are.
	 * @return those with a key
	 */
	public Applications applications() {
		return this.applications;
	}

	/**
	 * Whether deciding who a client is may have to wait for something (the keys of a
	 * token, say), so that an event loop must not ask.
	 * @param request the request
	 * @return {@code false} if it won't block for this request
	 */
	public boolean mayBlock(CallerRequest request) {
		return !this.resolvers.isEmpty() || (this.tokens != null && isBearer(request.header("Authorization")));
	}

	/**
	 * Finds out what there is to know before a client says who it is.
	 * @param request the request
	 * @return front end and address
	 * @throws UnauthorizedException if the application key is nobody's
	 */
	public Arrival arrive(CallerRequest request) throws UnauthorizedException {
		Application application = this.applications.withKey(request.queryParameter(Applications.PARAMETER));
		if (application == null) {
			throw new UnauthorizedException(UnauthorizedException.Reason.UNKNOWN_APPLICATION,
					"the application key is not known");
		}
		return new Arrival(request, application, this.addresses.of(request));
	}

	/**
	 * Decides who a client is that has arrived. Whether it has to prove that is up to
	 * {@link #require(Caller)}: the ticket of a batch is only known when the batch is.
	 * @param arrival what is known already
	 * @param credentials what the client brings
	 * @return who it is
	 * @throws UnauthorizedException if it is refused
	 */
	public Caller resolve(Arrival arrival, Credentials credentials) throws UnauthorizedException {
		CallerRequest request = arrival.request();
		VerifiedToken token = token(
				(credentials.authorization() != null) ? credentials.authorization() : request.header("Authorization"));
		VerifiedTicket ticket = ticket(credentials.ticket(), arrival.application());
		Known known = known(arrival, token, ticket);
		Caller caller = new Caller(known.userId(), known.source(), expiresAt(token, ticket), arrival.application(),
				arrival.address(), this.userAgents.describe(request.header("User-Agent")), null);
		return claim(caller, credentials.claimedUserId());
	}

	/**
	 * Refuses a client that has proved nothing where it has to.
	 * @param caller who the client is, with everything it brings
	 * @throws UnauthorizedException if it is refused
	 */
	public void require(Caller caller) throws UnauthorizedException {
		if (this.settings.authenticationRequired() && !caller.isAuthenticated()) {
			throw new UnauthorizedException(UnauthorizedException.Reason.NOT_AUTHENTICATED,
					"the client has neither principal nor token nor ticket");
		}
	}

	/**
	 * Decides anew who a client is that says another user than before: the page may have
	 * learnt who the user is after the connection was made.
	 * @param caller who the client is so far
	 * @param claimed the user it says it is now; {@code null} for nothing new
	 * @return the same caller where that changes nothing
	 */
	public Caller claim(Caller caller, @Nullable String claimed) {
		if (claimed == null || claimed.isEmpty() || claimed.length() > MAX_CLAIMED_LENGTH) {
			return caller;
		}
		boolean believed = this.settings.trustClient()
				&& (caller.source() == Caller.Source.NONE || caller.source() == Caller.Source.CLAIM);
		String userId = believed ? claimed : caller.userId();
		String open = claimed.equals(userId) ? null : claimed;
		if (believed ? claimed.equals(caller.userId()) : Objects.equals(open, caller.claimedUserId())) {
			return caller;
		}
		return new Caller(userId, believed ? Caller.Source.CLAIM : caller.source(), caller.expiresAt(),
				caller.application(), caller.address(), caller.userAgent(), open);
	}

	private Known known(Arrival arrival, @Nullable VerifiedToken token, @Nullable VerifiedTicket ticket)
			throws UnauthorizedException {
		CallerRequest request = arrival.request();
		String resolved = resolved(new Evidence(request, arrival.application(), token, ticket));
		if (resolved != null) {
			return known(resolved, Caller.Source.RESOLVER);
		}
		Principal principal = request.principal();
		String name = (principal != null) ? principal.getName() : null;
		if (name != null && !name.isEmpty()) {
			return known(name, Caller.Source.PRINCIPAL);
		}
		if (token != null) {
			return known(token.subject(), Caller.Source.TOKEN);
		}
		if (ticket != null) {
			return known(ticket.userId(), Caller.Source.TICKET);
		}
		String parameter = this.settings.handshakeParameter();
		String told = (parameter != null) ? request.queryParameter(parameter) : null;
		return (told != null && !told.isEmpty() && told.length() <= MAX_CLAIMED_LENGTH)
				? new Known(told, Caller.Source.HANDSHAKE) : new Known(null, Caller.Source.NONE);
	}

	private static Known known(String userId, Caller.Source source) throws UnauthorizedException {
		if (userId.length() > MAX_USER_ID_LENGTH) {
			throw new UnauthorizedException(UnauthorizedException.Reason.BAD_USER_ID,
					"the user id has " + userId.length() + " characters");
		}
		return new Known(userId, source);
	}

	private @Nullable String resolved(Evidence evidence) throws UnauthorizedException {
		for (UserIdResolver resolver : this.resolvers) {
			String userId;
			try {
				userId = resolver.resolve(evidence);
			}
			catch (RuntimeException ex) {
				throw failed("a UserIdResolver failed", ex);
			}
			if (userId != null && !userId.isEmpty()) {
				return userId;
			}
		}
		return null;
	}

	private @Nullable VerifiedToken token(@Nullable String authorization) throws UnauthorizedException {
		if (this.tokens == null || authorization == null || !isBearer(authorization)) {
			return null;
		}
		if (authorization.length() > BEARER.length() + MAX_TOKEN_LENGTH) {
			throw new UnauthorizedException(UnauthorizedException.Reason.BAD_TOKEN, "the token is too long");
		}
		String text = authorization.substring(BEARER.length()).strip();
		if (!TOKEN.matcher(text).matches()) {
			throw new UnauthorizedException(UnauthorizedException.Reason.BAD_TOKEN, "the token is malformed");
		}
		VerifiedToken token;
		try {
			token = this.tokens.verify(text);
		}
		catch (TokenRejectedException ex) {
			throw new UnauthorizedException(UnauthorizedException.Reason.BAD_TOKEN, printable(ex.getMessage()));
		}
		catch (RuntimeException ex) {
			throw failed("the TokenVerifier failed", ex);
		}
		if (token.expiresAt() != null && !this.clock.instant().isBefore(token.expiresAt())) {
			throw new UnauthorizedException(UnauthorizedException.Reason.BAD_TOKEN, "the token has expired");
		}
		return token;
	}

	private static boolean isBearer(@Nullable String authorization) {
		return authorization != null && authorization.regionMatches(true, 0, BEARER, 0, BEARER.length());
	}

	private @Nullable VerifiedTicket ticket(@Nullable String text, Application application)
			throws UnauthorizedException {
		if (text == null) {
			return null;
		}
		VerifiedTicket ticket;
		try {
			ticket = this.tickets.verify(text);
		}
		catch (TicketRejectedException ex) {
			throw new UnauthorizedException(UnauthorizedException.Reason.BAD_TICKET, printable(ex.getMessage()));
		}
		if (!ticket.application().equals(application.name())) {
			throw new UnauthorizedException(UnauthorizedException.Reason.OTHER_APPLICATION,
					"the ticket was issued for '" + ticket.application() + "' and not for '" + application.name()
							+ "'");
		}
		return ticket;
	}

	private static UnauthorizedException failed(String what, RuntimeException cause) {
		return new UnauthorizedException(UnauthorizedException.Reason.FAILED, what, cause);
	}

	private static @Nullable Instant expiresAt(@Nullable VerifiedToken token, @Nullable VerifiedTicket ticket) {
		Instant first = (token != null) ? token.expiresAt() : null;
		Instant second = (ticket != null) ? ticket.authenticatedUntil() : null;
		if (first == null || second == null) {
			return (first != null) ? first : second;
		}
		return first.isBefore(second) ? first : second;
	}

	/**
	 * What others say of a token can hold parts of it.
	 */
	private static String printable(@Nullable String detail) {
		String text = String.valueOf(detail).replaceAll("\\p{C}", "?");
		return (text.length() > MAX_DETAIL_LENGTH) ? text.substring(0, MAX_DETAIL_LENGTH) + "…" : text;
	}

	private record Known(@Nullable String userId, Caller.Source source) {
	}

}
