package io.telemetry.boot.metrics;

import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleSupplier;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.telemetry.boot.channel.ChannelStats;
import io.telemetry.boot.channel.caller.UserAgents;
import io.telemetry.boot.channel.durable.DurableLog;
import io.telemetry.boot.channel.durable.DurableStats;
import io.telemetry.boot.channel.limit.BytesInHand;
import io.telemetry.boot.channel.limit.ConnectionSlots;
import io.telemetry.boot.channel.limit.EventRates;
import org.jspecify.annotations.Nullable;

/**
 * What the channel counts, as meters. Every series is there from the beginning, at zero,
 * and none is named by a client. They only read: a scrape takes one snapshot, which
 * serves all meters that are asked within a tenth of a second.
 */
public final class ChannelMeters implements MeterBinder {

	/** What the names of the meters begin with. */
	public static final String PREFIX = "telemetry.channel.";

	/** How full the fullest queue of a handler is. */
	public static final String PRESSURE = "telemetry.pressure";

	private static final String REASON = "reason";

	private static final String LIMIT = "limit";

	/** Close codes that have a series of their own; the others share one. */
	private static final List<Integer> CODES = List.of(1000, 1001, 1002, 1003, 1005, 1006, 1007, 1008, 1009, 1011, 1012,
			1013);

	private static final long SNAPSHOT_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

	private final Shared<ChannelStats.Snapshot> stats;

	private final @Nullable Shared<ConnectionSlots.Snapshot> slots;

	private final @Nullable Shared<EventRates.Snapshot> rates;

	private final @Nullable Shared<BytesInHand.Snapshot> inHand;

	private final @Nullable Shared<Long> userAgentsSkipped;

	private final @Nullable Shared<DurableStats> durable;

	private final DoubleSupplier pressure;

	/**
	 * Meters of a channel.
	 * @param stats what it counts
	 * @param slots its connections by address and application, where they are counted
	 * @param rates its limits of events, where there are any
	 * @param inHand room for what has come, where it is bounded
	 * @param userAgents knows browsers, where any are told apart
	 * @param log what it keeps on the disk, where it does
	 * @param pressure how full the fullest queue of a handler is, 0 to 1
	 */
	public ChannelMeters(ChannelStats stats, @Nullable ConnectionSlots slots, @Nullable EventRates rates,
			@Nullable BytesInHand inHand, @Nullable UserAgents userAgents, @Nullable DurableLog log,
			DoubleSupplier pressure) {
		this(stats, slots, rates, inHand, userAgents, log, pressure, System::nanoTime);
	}

	ChannelMeters(ChannelStats stats, @Nullable ConnectionSlots slots, @Nullable EventRates rates,
			@Nullable BytesInHand inHand, @Nullable UserAgents userAgents, @Nullable DurableLog log,
			DoubleSupplier pressure, LongSupplier nanoTime) {
		this.stats = new Shared<>(stats::snapshot, nanoTime);
		this.slots = (slots != null) ? new Shared<>(slots::snapshot, nanoTime) : null;
		this.rates = (rates != null) ? new Shared<>(rates::snapshot, nanoTime) : null;
		this.inHand = (inHand != null) ? new Shared<>(inHand::snapshot, nanoTime) : null;
		this.userAgentsSkipped = (userAgents != null) ? new Shared<>(userAgents::limited, nanoTime) : null;
		this.durable = (log != null) ? new Shared<>(log::stats, nanoTime) : null;
		this.pressure = pressure;
	}

	@Override
	public void bindTo(MeterRegistry registry) {
		Gauge.builder(PRESSURE, this.pressure::getAsDouble)
			.description("How full the fullest queue of a handler is, 0 to 1")
			.register(registry);
		connections(registry);
		batches(registry);
		events(registry);
		frames(registry);
		if (this.slots != null) {
			slots(registry, this.slots);
		}
		if (this.rates != null) {
			rates(registry, this.rates);
		}
		if (this.inHand != null) {
			gauge(registry, "bytes.in.hand", "Bytes of frames and bodies that are not done with", Tags.empty(),
					this.inHand, BytesInHand.Snapshot::used);
			counter(registry, "bytes.in.hand.refused", "Times that there was no room for a frame or a body",
					Tags.empty(), this.inHand, BytesInHand.Snapshot::refused);
		}
		if (this.durable != null) {
			durable(registry, this.durable);
		}
		if (this.userAgentsSkipped != null) {
			counter(registry, "user.agents.skipped", "Browsers not looked at because too many new ones came",
					Tags.empty(), this.userAgentsSkipped, Long::doubleValue);
		}
	}

	private static void durable(MeterRegistry registry, Shared<DurableStats> durable) {
		gauge(registry, "durable.waiting", "Batches on the disk that are not delivered", Tags.empty(), durable,
				DurableStats::waiting);
		gauge(registry, "durable.in.hand", "Batches whose signals handlers have in hand", Tags.empty(), durable,
				DurableStats::inHand);
		gauge(registry, "durable.bytes", "Bytes of the files with batches", Tags.empty(), durable, DurableStats::bytes);
		counter(registry, "durable.kept", "Batches written to the disk", Tags.empty(), durable, DurableStats::kept);
		counter(registry, "durable.redelivered", "Batches handed on once more, because a handler had ended",
				Tags.empty(), durable, DurableStats::redelivered);
		counter(registry, "durable.failed", "Batches given up because they could not be handed on", Tags.empty(),
				durable, DurableStats::failed);
		counter(registry, "durable.forgotten", "Delivered batches that a restart may not know", Tags.empty(), durable,
				DurableStats::forgotten);
		counter(registry, "durable.syncs", "Times that the disk was forced", Tags.empty(), durable,
				DurableStats::syncs);
		counter(registry, "durable.sync.failures", "Times that forcing the disk failed", Tags.empty(), durable,
				DurableStats::syncFailures);
		durable.get()
			.refused()
			.keySet()
			.forEach((reason) -> counter(registry, "durable.refused", "Batches that were not kept, by reason",
					Tags.of(REASON, reason), durable, (stats) -> stats.refused().getOrDefault(reason, 0L)));
		durable.get()
			.lost()
			.keySet()
			.forEach((reason) -> counter(registry, "durable.lost", "Batches that were kept and are gone, by reason",
					Tags.of(REASON, reason), durable, (stats) -> stats.lost().getOrDefault(reason, 0L)));
	}

	private void connections(MeterRegistry registry) {
		gauge(registry, "connections", "Connections that are open", Tags.empty(), this.stats,
				ChannelStats.Snapshot::connectionsOpen);
		counter(registry, "connections.opened", "Connections opened", Tags.empty(),
				ChannelStats.Snapshot::connectionsOpened);
		String closed = "Connections closed, by close code";
		for (Integer code : CODES) {
			counter(registry, "connections.closed", closed, Tags.of("code", code.toString()),
					(snapshot) -> snapshot.connectionsClosed().getOrDefault(code, 0L));
		}
		counter(registry, "connections.closed", closed, Tags.of("code", "other"), ChannelMeters::closedOtherwise);
		String refused = "Connections refused, by reason";
		counter(registry, "connections.refused", refused, Tags.of(REASON, "foreign-origin"),
				ChannelStats.Snapshot::handshakesForeignOrigin);
		counter(registry, "connections.refused", refused, Tags.of(REASON, "shutting-down"),
				ChannelStats.Snapshot::handshakesShuttingDown);
		this.stats.get()
			.unauthorized()
			.keySet()
			.forEach((reason) -> counter(registry, "unauthorized", "Clients that were not let in, by reason",
					Tags.of(REASON, reason), (snapshot) -> snapshot.unauthorized().getOrDefault(reason, 0L)));
		String ended = "Connections that the server ended, by reason";
		counter(registry, "connections.ended", ended, Tags.of(REASON, "slow-consumer"),
				ChannelStats.Snapshot::slowConsumers);
		counter(registry, "connections.ended", ended, Tags.of(REASON, "heart-beat-missed"),
				ChannelStats.Snapshot::missedHeartbeats);
		counter(registry, "connections.ended", ended, Tags.of(REASON, "idle"), ChannelStats.Snapshot::idle);
		counter(registry, "connections.ended", ended, Tags.of(REASON, "oversized-message"),
				ChannelStats.Snapshot::oversizedMessages);
	}

	private static double closedOtherwise(ChannelStats.Snapshot snapshot) {
		long count = 0;
		for (Map.Entry<Integer, Long> entry : snapshot.connectionsClosed().entrySet()) {
			count += CODES.contains(entry.getKey()) ? 0 : entry.getValue();
		}
		return count;
	}

	private void batches(MeterRegistry registry) {
		String description = "Batches, by what became of them";
		counter(registry, "batches", description, outcome("accepted"), ChannelStats.Snapshot::batchesAccepted);
		counter(registry, "batches", description, outcome("duplicate"), ChannelStats.Snapshot::duplicates);
		byReason(registry, "batches", description, "refused", ChannelStats.Snapshot::batchesRefused);
		counter(registry, "batches.unacknowledged", "Answers that no subscription was there for", Tags.empty(),
				ChannelStats.Snapshot::unacknowledged);
		counter(registry, "session.mismatches", "Batches that named another session than their connection",
				Tags.empty(), ChannelStats.Snapshot::sessionMismatches);
		counter(registry, "processing.errors", "Failures of the server's own", Tags.empty(),
				ChannelStats.Snapshot::processingErrors);
	}

	private void events(MeterRegistry registry) {
		String description = "Events, by what became of them";
		counter(registry, "events", description, outcome("accepted"), ChannelStats.Snapshot::eventsAccepted);
		byReason(registry, "events", description, "rejected", ChannelStats.Snapshot::eventsRejected);
		counter(registry, "events.left.out", "Events taken that a BrowserEventMapper left out", Tags.empty(),
				ChannelStats.Snapshot::eventsLeftOut);
		counter(registry, "events.unknown", "Events taken whose type means nothing", Tags.empty(),
				ChannelStats.Snapshot::unknownTypes);
		counter(registry, "events.client.dropped", "Events that clients say they dropped", Tags.empty(),
				(snapshot) -> snapshot.droppedByClients().values().stream().mapToLong(Long::longValue).sum());
	}

	private void frames(MeterRegistry registry) {
		this.stats.get()
			.framesRefused()
			.keySet()
			.forEach((reason) -> counter(registry, "frames.refused", "Frames that ended their connection, by reason",
					Tags.of(REASON, reason), (snapshot) -> snapshot.framesRefused().getOrDefault(reason, 0L)));
		counter(registry, "frames.discarded", "Frames behind one that ended their connection", Tags.empty(),
				ChannelStats.Snapshot::discardedFrames);
		counter(registry, "frames.unfinished", "Bodies and frames whose end never came", Tags.empty(),
				ChannelStats.Snapshot::unfinished);
		counter(registry, "frames.unknown.destination", "Frames to a destination that is not there", Tags.empty(),
				ChannelStats.Snapshot::unknownDestinations);
		this.stats.get()
			.diagnostics()
			.keySet()
			.forEach((outcome) -> counter(registry, "diagnostics",
					"Answers of clients to requests for diagnostics, by what became of them",
					Tags.of("outcome", outcome), (snapshot) -> snapshot.diagnostics().getOrDefault(outcome, 0L)));
		counter(registry, "caller.runs", "Times that a reading thread did the work, because all others were busy",
				Tags.empty(), ChannelStats.Snapshot::callerRuns);
	}

	private static void slots(MeterRegistry registry, Shared<ConnectionSlots.Snapshot> slots) {
		gauge(registry, "connections.addresses", "Addresses that connections are open from", Tags.empty(), slots,
				ConnectionSlots.Snapshot::addresses);
		for (ConnectionSlots.Limit limit : ConnectionSlots.Limit.values()) {
			String reason = (limit == ConnectionSlots.Limit.TOTAL) ? "too-many" : "too-many-of-" + limit;
			counter(registry, "connections.refused", "Connections refused, by reason", Tags.of(REASON, reason), slots,
					(snapshot) -> snapshot.refused().getOrDefault(limit.toString(), 0L));
		}
		counter(registry, "connections.abandoned", "Handshakes that never became connections", Tags.empty(), slots,
				ConnectionSlots.Snapshot::abandoned);
	}

	private static void rates(MeterRegistry registry, Shared<EventRates.Snapshot> rates) {
		EventRates.Snapshot now = rates.get();
		now.limited()
			.keySet()
			.forEach((limit) -> counter(registry, "events.limited", "Events of batches held back, by limit",
					Tags.of(LIMIT, limit), rates, (snapshot) -> snapshot.limited().getOrDefault(limit, 0L)));
		now.keys().keySet().forEach((limit) -> {
			gauge(registry, "limit.keys", "Users and addresses that are told apart", Tags.of(LIMIT, limit), rates,
					(snapshot) -> snapshot.keys().getOrDefault(limit, 0));
			counter(registry, "limit.overflowed", "Events of users and addresses that had to share one limit",
					Tags.of(LIMIT, limit), rates, (snapshot) -> snapshot.overflowed().getOrDefault(limit, 0L));
		});
	}

	private static Tags outcome(String outcome) {
		return Tags.of("outcome", outcome, REASON, "none");
	}

	private void byReason(MeterRegistry registry, String name, String description, String outcome,
			Function<ChannelStats.Snapshot, Map<String, Long>> counts) {
		counts.apply(this.stats.get())
			.keySet()
			.forEach((reason) -> counter(registry, name, description, Tags.of("outcome", outcome, REASON, reason),
					(snapshot) -> counts.apply(snapshot).getOrDefault(reason, 0L)));
	}

	private void counter(MeterRegistry registry, String name, String description, Tags tags,
			ToDoubleFunction<ChannelStats.Snapshot> value) {
		counter(registry, name, description, tags, this.stats, value);
	}

	private static <T> void counter(MeterRegistry registry, String name, String description, Tags tags,
			Shared<T> snapshot, ToDoubleFunction<T> value) {
		// The function holds the snapshot, too: the registry alone would hold it weakly.
		FunctionCounter.builder(PREFIX + name, snapshot, (weak) -> value.applyAsDouble(snapshot.get()))
			.description(description)
			.tags(tags)
			.register(registry);
	}

	private static <T> void gauge(MeterRegistry registry, String name, String description, Tags tags,
			Shared<T> snapshot, ToDoubleFunction<T> value) {
		Gauge.builder(PREFIX + name, snapshot, (shared) -> value.applyAsDouble(shared.get()))
			.description(description)
			.tags(tags)
			.strongReference(true)
			.register(registry);
	}

	/**
	 * A snapshot that serves whoever asks within a short time.
	 */
	private static final class Shared<T> {

		private final Supplier<T> source;

		private final LongSupplier nanoTime;

		private volatile @Nullable Taken<T> taken;

		Shared(Supplier<T> source, LongSupplier nanoTime) {
			this.source = source;
			this.nanoTime = nanoTime;
		}

		T get() {
			long now = this.nanoTime.getAsLong();
			Taken<T> known = this.taken;
			if (known == null || now - known.nanos() >= SNAPSHOT_NANOS) {
				known = new Taken<>(this.source.get(), now);
				this.taken = known;
			}
			return known.snapshot();
		}

		private record Taken<T>(T snapshot, long nanos) {
		}

	}

}
