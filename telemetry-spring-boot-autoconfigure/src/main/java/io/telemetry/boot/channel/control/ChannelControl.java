package io.telemetry.boot.channel.control;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;

import io.telemetry.boot.InvalidSettingException;
import io.telemetry.boot.browser.BrowserSettings;
import io.telemetry.boot.channel.ConnectedClient;
import org.jspecify.annotations.Nullable;

/**
 * The server's voice to the browsers that are connected to this node: a bean to inject.
 * Safe for several threads. Nothing waits for a client: when a method returns, the
 * message is on its way to as many connections as it tells.
 */
public interface ChannelControl {

	/** The longest time over which clients can be told to come back. */
	Duration MAX_WINDOW = Duration.ofMinutes(10);

	/** The longest time that a change can last before it ends by itself. */
	Duration MAX_EXPIRY = Duration.ofDays(365);

	/**
	 * Changes settings. Clients that are connected are told within a second, others when
	 * they connect. What is said to a session counts more than what is said to its user,
	 * then come the front end and all; of two changes for the same target the later
	 * counts.
	 * @param target for whom
	 * @param change what to change; the rest stays as it is
	 * @param expiresIn after what time the change ends, above zero and up to
	 * {@link #MAX_EXPIRY}; {@code null} when it is taken back
	 * @return how many connections are told
	 * @throws InvalidSettingException if there is no such front end, the change is empty
	 * or the time makes no sense
	 * @throws ControlLimitException if too many changes are in force already
	 */
	int configure(Target target, ClientSettingsChange change, @Nullable Duration expiresIn);

	/**
	 * Takes back what was changed for a target, not what was changed for those who are
	 * more or fewer.
	 * @param target for whom
	 * @return how many connections are told
	 */
	int reset(Target target);

	/**
	 * Takes back all changes, those for front ends, users and sessions too.
	 * @return how many connections are told
	 */
	int resetAll();

	/**
	 * Has clients send what they keep.
	 * @param target which clients
	 * @return how many connections are told
	 */
	int flush(Target target);

	/**
	 * Has clients leave and come back, each at a random moment.
	 * @param target which clients
	 * @param within until when, from now; zero for at once, at most {@link #MAX_WINDOW}
	 * @return how many connections are told
	 * @throws InvalidSettingException if the time makes no sense
	 */
	int reconnect(Target target, Duration within);

	/**
	 * Asks clients how they are. Each answer becomes a signal
	 * {@code channel/diagnostics}; where some stay away, one
	 * {@code channel/diagnostics-timeout} tells how many.
	 * @param target which clients
	 * @param what what to tell of; empty for everything
	 * @return the request, and how many connections are asked
	 * @throws ControlLimitException if too many requests wait for answers already
	 */
	Asked diagnose(Target target, Set<DiagnosticsPart> what);

	/**
	 * The changes that are in force.
	 * @return the weakest first
	 */
	List<SettingsOverride> overrides();

	/**
	 * What clients keep to that nothing was changed for.
	 * @return the settings of properties
	 */
	BrowserSettings configured();

	/**
	 * The clients that are connected.
	 * @return those there are; may miss one that comes or goes meanwhile
	 */
	Stream<ConnectedClient> clients();

	/**
	 * Whether clients can be spoken to at all.
	 * @return {@code false} where there is no WebSocket, or it has not started
	 */
	boolean isSpeaking();

	/**
	 * The front ends that there are.
	 * @return names
	 */
	Set<String> applications();

	/**
	 * How many requests for diagnostics wait for answers.
	 * @return their number
	 */
	int pendingDiagnostics();

	/**
	 * Whether any client is one of a kind.
	 * @param kind which ones
	 * @return whether there is one
	 */
	default boolean hasClient(Predicate<ConnectedClient> kind) {
		return clients().anyMatch(kind);
	}

	/**
	 * A request for diagnostics.
	 *
	 * @param requestId what its signals carry as {@code requestId}
	 * @param reached how many connections were asked
	 */
	record Asked(String requestId, int reached) {
	}

}
