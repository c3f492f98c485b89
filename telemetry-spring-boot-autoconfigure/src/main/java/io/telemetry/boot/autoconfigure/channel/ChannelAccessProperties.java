package io.telemetry.boot.autoconfigure.channel;

import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleSupplier;

import io.telemetry.boot.InvalidSettingException;
import io.telemetry.boot.channel.caller.Application;
import io.telemetry.boot.channel.caller.Applications;
import io.telemetry.boot.channel.caller.CallerSettings;
import io.telemetry.boot.channel.caller.ClientAddresses;
import io.telemetry.boot.channel.caller.Tickets;
import io.telemetry.boot.channel.caller.TrustedProxies;
import io.telemetry.boot.channel.control.ClientSettingsChange;
import io.telemetry.boot.channel.limit.BytesInHand;
import io.telemetry.boot.channel.limit.ConnectionLimits;
import io.telemetry.limit.RateLimit;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * Properties of who may use the browser channel, and how much of it.
 *
 * @param userId who a client is
 * @param authentication what clients have to prove
 * @param ticket signed tickets for pages that can't send their cookies or tokens along
 * @param applications Front ends that share this backend, by name. A client tells which
 * it is by its key.
 * @param clientAddress what is known of a client by its address
 * @param userAgent what is known of a client by its browser
 * @param csrf protection by the application's CSRF token
 * @param maxConnections Number of connections that may be open at once. More are answered
 * with 503.
 * @param maxConnectionsPerAddress Number of connections from one address that may be open
 * at once. More are answered with 429. Behind a proxy that is not trusted all clients
 * have the proxy's address.
 * @param rateLimits events that clients may send in a time
 * @param overload when clients are held back because the server can't follow
 */
@ConfigurationProperties(ChannelProperties.PREFIX)
public record ChannelAccessProperties(@DefaultValue UserId userId, @DefaultValue Authentication authentication,
		@DefaultValue Ticket ticket, @DefaultValue Map<String, ApplicationProperties> applications,
		@DefaultValue ClientAddress clientAddress, @DefaultValue UserAgent userAgent, @DefaultValue Csrf csrf,
		@DefaultValue("20000") int maxConnections, @DefaultValue("1000") int maxConnectionsPerAddress,
		@DefaultValue RateLimits rateLimits, @DefaultValue Overload overload) {

	private static final String NONE = "none";

	CallerSettings toCallerSettings() {
		return ChannelProperties.checked(() -> new CallerSettings(this.userId.handshakeParameter(),
				this.userId.trustClient(), this.authentication.required()));
	}

	Applications toApplications() {
		List<Application> all = new ArrayList<>();
		this.applications.forEach((name, application) -> all.add(ChannelProperties.checked(() -> new Application(name,
				(application.key() != null) ? application.key() : "", application.allowedOriginPatterns()))));
		return ChannelProperties.checked(() -> new Applications(all));
	}

	/**
	 * What front ends' clients keep to, where that is something of their own.
	 */
	Map<String, ClientSettingsChange> toBrowserRules() {
		Map<String, ClientSettingsChange> rules = new LinkedHashMap<>();
		this.applications.forEach((name, application) -> {
			ClientSettingsChange rule = ChannelProperties.checked(() -> {
				try {
					return application.browser().toChange();
				}
				catch (InvalidSettingException ex) {
					throw new InvalidSettingException("applications." + name + ".browser." + ex.setting(), ex.value(),
							ex.reason());
				}
			});
			if (!rule.isEmpty()) {
				rules.put(name, rule);
			}
		});
		return rules;
	}

	ClientAddresses toClientAddresses() {
		return ChannelProperties
			.checked(() -> new ClientAddresses(TrustedProxies.of(this.clientAddress.trustedProxies()),
					this.clientAddress.mode()));
	}

	Tickets toTickets(InstantSource clock) {
		return ChannelProperties.checked(() -> new Tickets(this.ticket.secret(), this.ticket.timeToLive(), clock));
	}

	ConnectionLimits toConnectionLimits() {
		Map<String, Integer> most = new LinkedHashMap<>();
		this.applications.forEach((name, application) -> {
			if (application.maxConnections() != null) {
				most.put(name, application.maxConnections());
			}
		});
		return ChannelProperties
			.checked(() -> new ConnectionLimits(this.maxConnections, this.maxConnectionsPerAddress, most));
	}

	io.telemetry.boot.channel.limit.RateLimits toRateLimits() {
		Map<String, RateLimit> limits = new LinkedHashMap<>();
		this.applications.forEach((name, application) -> {
			RateLimit limit = limit("applications." + name + ".rate-limit", application.rateLimit());
			if (limit != null) {
				limits.put(name, limit);
			}
		});
		return ChannelProperties.checked(() -> new io.telemetry.boot.channel.limit.RateLimits(
				limit("rate-limits.connection", this.rateLimits.connection()),
				limit("rate-limits.user", this.rateLimits.user()),
				limit("rate-limits.address", this.rateLimits.address()), limits, this.rateLimits.maxKeys()));
	}

	io.telemetry.boot.channel.limit.Overload toOverload(DoubleSupplier pressure) {
		return ChannelProperties.checked(() -> new io.telemetry.boot.channel.limit.Overload(pressure,
				this.overload.pressure(), this.overload.retryAfter()));
	}

	BytesInHand toBytesInHand(int maxBatchSize) {
		return ChannelProperties.checked(() -> new BytesInHand(this.overload.maxInHand().toBytes(), maxBatchSize));
	}

	private static @Nullable RateLimit limit(String property, @Nullable String text) {
		if (text == null || text.isBlank() || text.equals(NONE)) {
			return null;
		}
		return ChannelProperties.checked(() -> {
			try {
				return RateLimit.parse(text);
			}
			catch (IllegalArgumentException ex) {
				throw new InvalidSettingException(property, text,
						"must be 'none', or limits such as '100/1s, 2000/1m' (" + ex.getMessage() + ")");
			}
		});
	}

	/**
	 * Who a client is.
	 *
	 * @param trustClient Whether a user id that the client claims is believed where the
	 * server knows none. Anybody can claim any.
	 * @param handshakeParameter Name of a query parameter of the channel's addresses that
	 * names the user where the server knows none. Anybody can put any name there, unless
	 * a gateway sets it. None where not set.
	 */
	public record UserId(@DefaultValue("false") boolean trustClient, @Nullable String handshakeParameter) {
	}

	/**
	 * What clients have to prove.
	 *
	 * @param required Whether clients without principal, token or ticket are refused as
	 * unauthorized.
	 */
	public record Authentication(@DefaultValue("false") boolean required) {
	}

	/**
	 * Signed tickets.
	 *
	 * @param secret What tickets are signed with: at least 32 bytes, the same on all
	 * servers that are to take them. A random one where not set; then only the server
	 * that issued a ticket takes it, and not after a restart.
	 * @param timeToLive Time for which a ticket is good, from one second to one day.
	 */
	public record Ticket(@Nullable String secret, @DefaultValue("60s") Duration timeToLive) {

		@Override
		public String toString() {
			return "Ticket[timeToLive=" + this.timeToLive + "]";
		}

	}

	/**
	 * A front end that shares this backend.
	 *
	 * @param key What its clients name themselves by: 8 to 128 letters, digits, '_' and
	 * '-'. Not a secret, everybody can read it in the page.
	 * @param allowedOriginPatterns Origins beside the application's own whose pages may
	 * use the key.
	 * @param rateLimit Events that all its clients together may send in a time, such as
	 * 10000/10s. No such limit where not set.
	 * @param maxConnections Number of its connections that may be open at once. No such
	 * limit where not set.
	 * @param browser settings that its clients keep to in place of those of
	 * telemetry.browser
	 */
	public record ApplicationProperties(@Nullable String key, @DefaultValue List<String> allowedOriginPatterns,
			@Nullable String rateLimit, @Nullable Integer maxConnections, @DefaultValue BrowserRule browser) {
	}

	/**
	 * Settings of a front end's clients. What is not set is as telemetry.browser says.
	 *
	 * @param enabled Whether its clients collect anything.
	 * @param sampling Shares of events that its clients send, by subtype, from 0 to 1.
	 * The key default stands for all that have none.
	 * @param session whole sessions
	 * @param collect Whether its clients collect something of their own accord, by what:
	 * errors, console, network, performance, interactions, navigation, scroll, mouse,
	 * attribution, bots.
	 * @param ignore Parts of messages. Errors and logs of its clients whose message
	 * contains one of them are left out, in place of those of telemetry.browser.
	 */
	public record BrowserRule(@Nullable Boolean enabled, @DefaultValue Map<String, Double> sampling,
			@DefaultValue BrowserSession session, @DefaultValue Map<String, Boolean> collect,
			@Nullable List<String> ignore) {

		private ClientSettingsChange toChange() {
			ClientSettingsChange change = ClientSettingsChange.NONE;
			if (this.enabled != null) {
				change = change.withEnabled(this.enabled);
			}
			for (Map.Entry<String, Double> rate : this.sampling.entrySet()) {
				change = change.withSampling(rate.getKey(), rate.getValue());
			}
			if (this.session.rate() != null) {
				change = change.withSessionRate(this.session.rate());
			}
			for (Map.Entry<String, Boolean> collector : this.collect.entrySet()) {
				change = change.withCollect(collector.getKey(), collector.getValue());
			}
			if (this.ignore != null) {
				change = change.withIgnore(this.ignore);
			}
			return change;
		}

	}

	/**
	 * Whole sessions of a front end.
	 *
	 * @param rate Share of its sessions that are collected at all, from 0 to 1.
	 */
	public record BrowserSession(@Nullable Double rate) {
	}

	/**
	 * What is known of a client by its address.
	 *
	 * @param trustedProxies Networks of proxies that are believed when they say in
	 * X-Forwarded-For or Forwarded whom they speak for, such as 10.0.0.0/8.
	 * @param mode What of the address signals carry as clientAddress: anonymised (without
	 * the last byte of IPv4, the first 48 bits of IPv6), full, or none.
	 */
	public record ClientAddress(@DefaultValue List<String> trustedProxies,
			@DefaultValue("anonymised") io.telemetry.boot.channel.caller.ClientAddress.Mode mode) {
	}

	/**
	 * What is known of a client by its browser.
	 *
	 * @param enabled Whether signals carry browser, operating system and device, where
	 * uap-java is there to tell them from the user agent.
	 */
	public record UserAgent(@DefaultValue("true") boolean enabled) {
	}

	/**
	 * Protection by the application's CSRF token.
	 *
	 * @param enabled Whether CONNECT has to bring the token where Spring Security
	 * protects the application by one and the client is known by a session or a password.
	 */
	public record Csrf(@DefaultValue("true") boolean enabled) {
	}

	/**
	 * Events that clients may send in a time. More are refused as rate-limited and may be
	 * sent again later.
	 *
	 * @param connection Events of one connection, in one or several windows such as
	 * 100/1s, 2000/1m; or none.
	 * @param user Events of one user, on all connections and roads; or none.
	 * @param address Events from one address, on all connections and roads; or none.
	 * @param maxKeys Number of users, and of addresses, that are told apart at a time.
	 * Those beyond share one limit.
	 */
	public record RateLimits(@DefaultValue("2000/10s") String connection, @DefaultValue("5000/10s") String user,
			@DefaultValue("20000/10s") String address, @DefaultValue("10000") int maxKeys) {
	}

	/**
	 * When clients are held back because the server can't follow.
	 *
	 * @param pressure How full the fullest queue of a handler may be, above 0 and at most
	 * 1. Above it batches are refused as overloaded; with 1 they never are for that.
	 * @param retryAfter Time after which clients are told to try again, up to half as
	 * long again by chance.
	 * @param maxInHand Size of what may have come of all clients together and is not done
	 * with: beginnings of frames and bodies, and what waits for a thread. Where there is
	 * no room a batch is refused as overloaded.
	 */
	public record Overload(@DefaultValue("0.9") double pressure, @DefaultValue("2s") Duration retryAfter,
			@DefaultValue("64MB") DataSize maxInHand) {
	}

}
