package io.telemetry.boot.channel;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

import io.telemetry.boot.channel.caller.UnauthorizedException;

/**
 * Counts what passes the channel and what does not. Whatever is refused, left out or
 * ended moves exactly one counter that says why. Safe for several threads; a snapshot
 * taken while the channel works may show a batch before its events.
 */
public final class ChannelStats {

	/** Close codes come from outside; what is not among these is counted as 0. */
	private static final int LAST_STANDARD_CODE = 1015;

	/** Reasons of the clients' own drops that are counted apart. */
	private static final int MAX_CLIENT_REASONS = 32;

	private final LongAdder connectionsOpened = new LongAdder();

	private final Map<Integer, LongAdder> connectionsClosed = new ConcurrentHashMap<>();

	private final LongAdder handshakesForeignOrigin = new LongAdder();

	private final LongAdder handshakesShuttingDown = new LongAdder();

	private final LongAdder[] unauthorized = adders(UnauthorizedException.Reason.values().length);

	private final LongAdder batchesAccepted = new LongAdder();

	private final LongAdder duplicates = new LongAdder();

	private final LongAdder[] batchesRefused = adders(RefusalReason.values().length);

	private final LongAdder eventsAccepted = new LongAdder();

	private final LongAdder[] eventsRejected = adders(RejectReason.values().length);

	private final LongAdder[] framesRefused = adders(FrameRefusal.values().length);

	private final LongAdder[] diagnostics = adders(DiagnosticsOutcome.values().length);

	private final LongAdder eventsLeftOut = new LongAdder();

	private final LongAdder unknownTypes = new LongAdder();

	private final LongAdder unknownDestinations = new LongAdder();

	private final LongAdder sessionMismatches = new LongAdder();

	private final LongAdder unacknowledged = new LongAdder();

	private final LongAdder oversizedMessages = new LongAdder();

	private final LongAdder slowConsumers = new LongAdder();

	private final LongAdder missedHeartbeats = new LongAdder();

	private final LongAdder idle = new LongAdder();

	private final LongAdder callerRuns = new LongAdder();

	private final LongAdder unfinished = new LongAdder();

	private final LongAdder discardedFrames = new LongAdder();

	private final LongAdder processingErrors = new LongAdder();

	private final Map<String, LongAdder> droppedByClients = new ConcurrentHashMap<>();

	private static LongAdder[] adders(int count) {
		LongAdder[] adders = new LongAdder[count];
		Arrays.setAll(adders, (i) -> new LongAdder());
		return adders;
	}

	void opened() {
		this.connectionsOpened.increment();
	}

	void closed(int code) {
		int counted = (code >= 1000 && code <= LAST_STANDARD_CODE) ? code : 0;
		this.connectionsClosed.computeIfAbsent(counted, (key) -> new LongAdder()).increment();
	}

	void handshakeFromForeignOrigin() {
		this.handshakesForeignOrigin.increment();
	}

	void handshakeWhileShuttingDown() {
		this.handshakesShuttingDown.increment();
	}

	void unauthorized(UnauthorizedException.Reason reason) {
		this.unauthorized[reason.ordinal()].increment();
	}

	void eventLeftOut() {
		this.eventsLeftOut.increment();
	}

	void idle() {
		this.idle.increment();
	}

	void accepted(int events) {
		this.batchesAccepted.increment();
		this.eventsAccepted.add(events);
	}

	void duplicate() {
		this.duplicates.increment();
	}

	void refused(RefusalReason reason) {
		this.batchesRefused[reason.ordinal()].increment();
	}

	void rejected(RejectReason reason) {
		this.eventsRejected[reason.ordinal()].increment();
	}

	void frameRefused(FrameRefusal reason) {
		this.framesRefused[reason.ordinal()].increment();
	}

	/**
	 * Counts answers of clients to requests for diagnostics.
	 * @param outcome what became of them
	 * @param answers how many
	 */
	public void diagnostics(DiagnosticsOutcome outcome, long answers) {
		this.diagnostics[outcome.ordinal()].add(answers);
	}

	void unknownType() {
		this.unknownTypes.increment();
	}

	void unknownDestination() {
		this.unknownDestinations.increment();
	}

	void sessionMismatch() {
		this.sessionMismatches.increment();
	}

	void unacknowledged() {
		this.unacknowledged.increment();
	}

	void oversizedMessage() {
		this.oversizedMessages.increment();
	}

	void slowConsumer() {
		this.slowConsumers.increment();
	}

	void missedHeartbeat() {
		this.missedHeartbeats.increment();
	}

	void callerRun() {
		this.callerRuns.increment();
	}

	void unfinished() {
		this.unfinished.increment();
	}

	void frameDiscarded() {
		this.discardedFrames.increment();
	}

	void processingError() {
		this.processingErrors.increment();
	}

	void droppedByClient(String reason, long events) {
		LongAdder adder = this.droppedByClients.get(reason);
		if (adder == null) {
			String counted = (this.droppedByClients.size() < MAX_CLIENT_REASONS) ? reason : "other";
			adder = this.droppedByClients.computeIfAbsent(counted, (key) -> new LongAdder());
		}
		adder.add(events);
	}

	/**
	 * What was counted until now.
	 * @return a snapshot
	 */
	public Snapshot snapshot() {
		Map<Integer, Long> closed = new TreeMap<>();
		long allClosed = 0;
		for (Map.Entry<Integer, LongAdder> entry : this.connectionsClosed.entrySet()) {
			long count = entry.getValue().sum();
			closed.put(entry.getKey(), count);
			allClosed += count;
		}
		// Opened is read last, so that a snapshot never shows more closed than opened
		long opened = this.connectionsOpened.sum();
		Map<String, Long> dropped = new TreeMap<>();
		this.droppedByClients.forEach((reason, adder) -> dropped.put(reason, adder.sum()));
		return new Snapshot(Math.max(0, opened - allClosed), opened, Map.copyOf(closed),
				this.handshakesForeignOrigin.sum(), this.handshakesShuttingDown.sum(),
				byReason(UnauthorizedException.Reason.values(), this.unauthorized), this.batchesAccepted.sum(),
				this.duplicates.sum(), byReason(RefusalReason.values(), this.batchesRefused), this.eventsAccepted.sum(),
				byReason(RejectReason.values(), this.eventsRejected),
				byReason(FrameRefusal.values(), this.framesRefused), this.eventsLeftOut.sum(), this.unknownTypes.sum(),
				this.unknownDestinations.sum(), this.sessionMismatches.sum(), this.unacknowledged.sum(),
				this.oversizedMessages.sum(), this.slowConsumers.sum(), this.missedHeartbeats.sum(), this.idle.sum(),
				this.callerRuns.sum(), this.unfinished.sum(), this.discardedFrames.sum(), this.processingErrors.sum(),
				Map.copyOf(dropped), byReason(DiagnosticsOutcome.values(), this.diagnostics));
	}

	private static Map<String, Long> byReason(Object[] reasons, LongAdder[] adders) {
		Map<String, Long> counts = new LinkedHashMap<>();
		for (int i = 0; i < adders.length; i++) {
			counts.put(reasons[i].toString(), adders[i].sum());
		}
		return java.util.Collections.unmodifiableMap(counts);
	}

	/**
	 * The counters at one moment. Reasons are written as they are on the wire.
	 *
	 * @param connectionsOpen sockets that are open
	 * @param connectionsOpened sockets opened since the start
	 * @param connectionsClosed sockets closed, by close code; 0 for codes that are no
	 * standard ones
	 * @param handshakesForeignOrigin handshakes refused because of their origin
	 * @param handshakesShuttingDown handshakes refused because the server is not running
	 * @param unauthorized clients that were not let in, by reason: connections, batches
	 * and requests for tickets
	 * @param batchesAccepted batches taken, each once however often it came
	 * @param duplicates batches that came again and were not taken again
	 * @param batchesRefused batches refused, by reason
	 * @param eventsAccepted events taken
	 * @param eventsRejected events of accepted batches left out, by reason
	 * @param framesRefused frames that ended their connection, by reason
	 * @param eventsLeftOut events taken that a {@link BrowserEventMapper} left out
	 * @param unknownTypes events taken whose type means nothing here
	 * @param unknownDestinations frames to a destination of the application's that is not
	 * there
	 * @param sessionMismatches batches that named another session than their connection
	 * @param unacknowledged answers that no subscription was there for
	 * @param oversizedMessages WebSocket messages that ended their connection by their
	 * size
	 * @param slowConsumers connections ended because they did not read
	 * @param missedHeartbeats connections ended because their heart-beats stayed away
	 * @param idle connections ended because they sent nothing at all
	 * @param callerRuns times that a reading thread had to do the work, because all
	 * others were busy
	 * @param unfinished bodies and frames whose end never came
	 * @param discardedFrames frames and messages that came behind one which ended their
	 * connection; nobody has answered them
	 * @param processingErrors failures of the server's own
	 * @param droppedByClients events that clients say they dropped, by their reason
	 * @param diagnostics answers of clients to requests for diagnostics, by what became
	 * of them
	 */
	public record Snapshot(long connectionsOpen, long connectionsOpened, Map<Integer, Long> connectionsClosed,
			long handshakesForeignOrigin, long handshakesShuttingDown, Map<String, Long> unauthorized,
			long batchesAccepted, long duplicates, Map<String, Long> batchesRefused, long eventsAccepted,
			Map<String, Long> eventsRejected, Map<String, Long> framesRefused, long eventsLeftOut, long unknownTypes,
			long unknownDestinations, long sessionMismatches, long unacknowledged, long oversizedMessages,
			long slowConsumers, long missedHeartbeats, long idle, long callerRuns, long unfinished,
			long discardedFrames, long processingErrors, Map<String, Long> droppedByClients,
			Map<String, Long> diagnostics) {

		/**
		 * The same as Actuator shows it.
		 * @return groups of counters, by camelCase names and by reasons
		 */
		public Map<String, Object> toMap() {
			Map<String, Object> connections = new LinkedHashMap<>();
			connections.put("open", this.connectionsOpen);
			connections.put("opened", this.connectionsOpened);
			Map<String, Long> closed = new TreeMap<>();
			this.connectionsClosed.forEach((code, count) -> closed.put(code.toString(), count));
			connections.put("closed", closed);
			connections.put("slowConsumers", this.slowConsumers);
			connections.put("missedHeartbeats", this.missedHeartbeats);
			connections.put("idle", this.idle);
			connections.put("foreignOrigin", this.handshakesForeignOrigin);
			connections.put("shuttingDown", this.handshakesShuttingDown);
			connections.put("unauthorized", new TreeMap<>(this.unauthorized));
			Map<String, Object> batches = new LinkedHashMap<>();
			batches.put("accepted", this.batchesAccepted);
			batches.put("duplicates", this.duplicates);
			batches.put("refused", new TreeMap<>(this.batchesRefused));
			batches.put("sessionMismatches", this.sessionMismatches);
			batches.put("unacknowledged", this.unacknowledged);
			batches.put("processingErrors", this.processingErrors);
			Map<String, Object> events = new LinkedHashMap<>();
			events.put("accepted", this.eventsAccepted);
			events.put("rejected", new TreeMap<>(this.eventsRejected));
			events.put("leftOut", this.eventsLeftOut);
			events.put("unknownTypes", this.unknownTypes);
			events.put("droppedByClients", new TreeMap<>(this.droppedByClients));
			Map<String, Object> frames = new LinkedHashMap<>();
			frames.put("refused", new TreeMap<>(this.framesRefused));
			frames.put("unknownDestinations", this.unknownDestinations);
			frames.put("oversizedMessages", this.oversizedMessages);
			frames.put("discarded", this.discardedFrames);
			frames.put("unfinished", this.unfinished);
			frames.put("callerRuns", this.callerRuns);
			Map<String, Object> all = new LinkedHashMap<>();
			all.put("connections", connections);
			all.put("batches", batches);
			all.put("events", events);
			all.put("frames", frames);
			all.put("diagnostics", new TreeMap<>(this.diagnostics));
			return all;
		}

	}

}
