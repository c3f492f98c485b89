package io.telemetry.signal;

import org.jspecify.annotations.Nullable;

/**
 * Who speaks: the application and the machine it runs on.
 *
 * @param name the application's name
 * @param version its version
 * @param environment where it is deployed, such as {@code prod}
 * @param instance which of several running copies
 * @param region where in the world
 * @param host the machine's name
 */
public record ServiceIdentity(@Nullable String name, @Nullable String version, @Nullable String environment,
		@Nullable String instance, @Nullable String region, @Nullable String host) {

	/** Nothing known. */
	public static final ServiceIdentity UNKNOWN = new ServiceIdentity(null, null, null, null, null, null);

}
