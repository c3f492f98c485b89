package io.telemetry.boot.channel.control;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;

import io.telemetry.boot.channel.ConnectedClient;
import io.telemetry.boot.channel.DiagnosticsOutcome;
import org.jspecify.annotations.Nullable;

/**
 * The requests for diagnostics that wait for answers. One that everybody has answered is
 * remembered until its time is over or its place is needed, so that who answers twice is
 * known. Bounded. Safe for several threads.
 */
final class DiagnosticsRequests {

	private final ControlSettings settings;

	private final InstantSource clock;

	private final RandomGenerator random;

	/** In the order of their deadlines; guarded by this. */
	private final Map<String, Request> requests = new LinkedHashMap<>();

	DiagnosticsRequests(ControlSettings settings, InstantSource clock) {
		this(settings, clock, new SecureRandom());
	}

	DiagnosticsRequests(ControlSettings settings, InstantSource clock, RandomGenerator random) {
		this.settings = settings;
		this.clock = clock;
		this.random = random;
	}

	/**
	 * Begins to wait for answers.
	 * @param target whom the request is for
	 * @param what what is asked
	 * @param asked the connections that are asked, and that may answer
	 * @return the request
	 * @throws ControlLimitException if too many wait already
	 */
	synchronized Request add(Target target, Set<DiagnosticsPart> what, List<ConnectedClient> asked) {
		if (this.requests.size() >= this.settings.maxPending() && !removeDone()) {
			throw new ControlLimitException(
					"There are " + this.settings.maxPending() + " requests for diagnostics without an answer already, "
							+ "as many as telemetry.channel.diagnostics.max-pending allows: wait until they are "
							+ "answered or time out");
		}
		byte[] id = new byte[16];
		this.random.nextBytes(id);
		Instant now = this.clock.instant();
		Request request = new Request(Base64.getUrlEncoder().withoutPadding().encodeToString(id), target, what, asked,
				now, now.plus(this.settings.timeout()));
		this.requests.put(request.id, request);
		return request;
	}

	private boolean removeDone() {
		Iterator<Request> all = this.requests.values().iterator();
		while (all.hasNext()) {
			if (all.next().isDone()) {
				all.remove();
				return true;
			}
		}
		return false;
	}

	/**
	 * Takes note that a client answers.
	 * @return whether this is an answer that is waited for
	 */
	synchronized DiagnosticsOutcome answer(ConnectedClient client, String id) {
		Request request = get(id);
		Boolean answered = (request != null) ? request.connections.get(client.connectionId()) : null;
		if (request == null || answered == null) {
			return DiagnosticsOutcome.NOT_ASKED;
		}
		if (answered) {
			return DiagnosticsOutcome.REPEATED;
		}
		request.connections.put(client.connectionId(), true);
		request.missing--;
		return DiagnosticsOutcome.ANSWERED;
	}

	/**
	 * What was asked.
	 */
	synchronized @Nullable Request get(String id) {
		Request request = this.requests.get(id);
		return (request != null && this.clock.instant().isBefore(request.deadline)) ? request : null;
	}

	/**
	 * How long ago this was asked.
	 */
	Duration since(Request request) {
		return Duration.between(request.askedAt, this.clock.instant());
	}

	/**
	 * Forgets those whose time is over.
	 * @return those of them that somebody did not answer
	 */
	synchronized List<Request> removeLate() {
		if (this.requests.isEmpty()) {
			return List.of();
		}
		Instant now = this.clock.instant();
		List<Request> late = new ArrayList<>();
		Iterator<Request> all = this.requests.values().iterator();
		while (all.hasNext()) {
			Request request = all.next();
			if (!now.isBefore(request.deadline)) {
				all.remove();
				if (!request.isDone()) {
					late.add(request);
				}
			}
		}
		return late;
	}

	/**
	 * How many wait for answers.
	 */
	synchronized int pending() {
		return (int) this.requests.values().stream().filter((request) -> !request.isDone()).count();
	}

	/**
	 * Something that clients were asked. Its answers are guarded by the requests.
	 */
	static final class Request {

		private final String id;

		private final Target target;

		private final Set<DiagnosticsPart> what;

		private final Instant askedAt;

		private final Instant deadline;

		/**
		 * Whether each has answered, by connection; ids are the connections' own texts.
		 */
		private final Map<String, Boolean> connections = new HashMap<>();

		private int missing;

		Request(String id, Target target, Set<DiagnosticsPart> what, List<ConnectedClient> asked, Instant askedAt,
				Instant deadline) {
			this.id = id;
			this.target = target;
			this.what = what;
			this.askedAt = askedAt;
			this.deadline = deadline;
			asked.forEach((client) -> this.connections.put(client.connectionId(), false));
			this.missing = this.connections.size();
		}

		String id() {
			return this.id;
		}

		Target target() {
			return this.target;
		}

		Set<DiagnosticsPart> what() {
			return this.what;
		}

		/**
		 * How many were asked.
		 */
		int asked() {
			return this.connections.size();
		}

		/**
		 * How many have not answered. To be asked when no more answers are taken.
		 */
		int missing() {
			return this.missing;
		}

		private boolean isDone() {
			return this.missing == 0;
		}

	}

}
