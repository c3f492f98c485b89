package io.telemetry.boot.channel.limit;

import java.util.Map;

import io.telemetry.boot.InvalidSettingException;
import io.telemetry.limit.KeyedRateLimiter;
import io.telemetry.limit.RateLimit;
import org.jspecify.annotations.Nullable;

/**
 * How many events clients may send in which time. Where one is {@code null}, there is no
 * such limit.
 *
 * @param connection events of one connection
 * @param user events of one user, on all roads
 * @param address events from one address, on all roads
 * @param applications events of all clients of an application, by its name
 * @param maxKeys users, and addresses, that are told apart at a time; those beyond share
 * one limit
 */
public record RateLimits(@Nullable RateLimit connection, @Nullable RateLimit user, @Nullable RateLimit address,
		Map<String, RateLimit> applications, int maxKeys) {

	/** What is in force where nothing is set. */
	public static final RateLimits DEFAULTS = new RateLimits(RateLimit.parse("2000/10s"), RateLimit.parse("5000/10s"),
			RateLimit.parse("20000/10s"), Map.of(), 10_000);

	public RateLimits {
		applications = Map.copyOf(applications);
		if (maxKeys < 1 || maxKeys > KeyedRateLimiter.MAX_KEYS) {
			throw new InvalidSettingException("rate-limits.max-keys", maxKeys,
					"must be between 1 and " + KeyedRateLimiter.MAX_KEYS);
		}
	}

}
