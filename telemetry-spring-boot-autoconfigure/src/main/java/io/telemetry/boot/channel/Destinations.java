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

	/** Control messages for this client. */
	static final String CONTROL = "/user/queue/control";

	/** Control messages for all clients. */
	static final String CONTROL_FOR_ALL = "/topic/control";

	private static final String APPLICATION = "/app/";

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

	static boolean isSubscribable(String destination) {
		return SUBSCRIBABLE.contains(destination);
	}

}
