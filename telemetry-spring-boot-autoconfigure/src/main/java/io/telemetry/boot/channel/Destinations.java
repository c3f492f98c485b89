package io.telemetry.boot.channel;

import java.util.Set;

import org.jspecify.annotations.Nullable;

import org.springframework.lang.Contract;

/**
 * The destinations there are, by their exact names.
 */
final class Destinations {

	/** Acknowledgements of the batches of this connection. */
	static final String ACKNOWLEDGEMENTS = "/user/queue/acks";

	/** Control messages, those for all clients too. */
	static final String CONTROL = "/user/queue/control";

	/** A name of the contract; what is for all clients goes to each one. */
	static final String CONTROL_FOR_ALL = "/topic/control";

	private static final String APPLICATION = "/app/";

	private static final String DIAGNOSTICS = APPLICATION + "diagnostics/";

	private static final Set<String> BATCHES = Set.of("/app/log/batch", "/app/log/urgent");

	private static final Set<String> SUBSCRIBABLE = Set.of(ACKNOWLEDGEMENTS, CONTROL, CONTROL_FOR_ALL);

	private Destinations() {
	}

	/**
	 * Whether a client may send there; what is not there is told of, but harms nobody.
	 */
	@Contract("null -> false")
	static boolean isOpenToClients(@Nullable String destination) {
		return destination != null && destination.startsWith(APPLICATION);
	}

	static boolean isBatch(String destination) {
		return BATCHES.contains(destination);
	}

	/**
	 * The request that a client answers by sending there.
	 * @return its id, as the client has it, or {@code null} for another destination
	 */
	static @Nullable String diagnosticsRequest(String destination) {
		return destination.startsWith(DIAGNOSTICS) ? destination.substring(DIAGNOSTICS.length()) : null;
	}

	static boolean isSubscribable(String destination) {
		return SUBSCRIBABLE.contains(destination);
	}

}
