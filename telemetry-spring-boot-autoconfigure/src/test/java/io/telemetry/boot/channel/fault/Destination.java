package io.telemetry.boot.channel.fault;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What has arrived in the files of servers, and whether it is what the clients'
 * {@link Ledger} says.
 */
public final class Destination {

	/** The uids under which each event is there, as often as it is. */
	private final Map<String, List<String>> uids = new HashMap<>();

	/** Events that are there twice in the file of one server. */
	private final Set<String> doubled = new HashSet<>();

	private Destination() {
	}

	/**
	 * Reads what the servers of some directories have written, as far as its lines are
	 * whole.
	 */
	public static Destination of(Path... directories) throws IOException {
		Destination destination = new Destination();
		for (Path directory : directories) {
			destination.read(directory.resolve("signals.jsonl"));
		}
		return destination;
	}

	private void read(Path file) throws IOException {
		String text = Files.exists(file) ? Files.readString(file, StandardCharsets.UTF_8) : "";
		Set<String> here = new HashSet<>();
		for (String line : text.substring(0, text.lastIndexOf('\n') + 1).split("\n")) {
			JsonNode signal = line.isEmpty() ? null : parse(line);
			JsonNode event = (signal != null) ? signal.path("data").get("eventId") : null;
			if (event == null) {
				continue;
			}
			String id = event.asString();
			this.uids.computeIfAbsent(id, (key) -> new ArrayList<>(1)).add(signal.get("uid").asString());
			if (!here.add(id)) {
				this.doubled.add(id);
			}
		}
	}

	private static JsonNode parse(String line) {
		return JsonMapper.shared().readTree(line);
	}

	/**
	 * The events that are there of the clients with that ledger.
	 */
	public Set<String> events(Ledger ledger) {
		Set<String> events = new HashSet<>(this.uids.keySet());
		events.removeIf((event) -> !event.startsWith(ledger.prefix()));
		return events;
	}

	/**
	 * The events that are there more than once.
	 */
	public Set<String> repeated() {
		Set<String> repeated = new HashSet<>();
		this.uids.forEach((event, found) -> {
			if (found.size() > 1) {
				repeated.add(event);
			}
		});
		return repeated;
	}

	/**
	 * Closes the account: each event that was sent is there, or was refused for good, or
	 * rejected, and in one of these ways only; nothing else is there, and nothing that
	 * was acknowledged is missing. However often an event is there, it has one uid, and
	 * no other event has it: who knows keys has it once.
	 */
	public Destination assertAccountsFor(Ledger ledger) {
		assertHoldsAcknowledged(ledger);
		assertThat(ledger.unanswered()).as("batches without an answer").isZero();
		Set<String> expected = ledger.sent();
		expected.removeAll(ledger.refused().keySet());
		expected.removeAll(ledger.rejected().keySet());
		assertThat(minus(expected, events(ledger))).as("events that were sent and are not there; %s", ledger).isEmpty();
		assertThat(minus(events(ledger), expected)).as("events that are there and should not be; %s", ledger).isEmpty();
		assertThat(ledger.sent())
			.as("sent = there + refused %s + rejected %s", byReason(ledger.refused()), byReason(ledger.rejected()))
			.hasSize(events(ledger).size() + ledger.refused().size() + ledger.rejected().size());
		return this;
	}

	/**
	 * Nothing that was acknowledged is missing, whatever else is there; and however often
	 * an event is there, it has one uid.
	 */
	public Destination assertHoldsAcknowledged(Ledger ledger) {
		assertThat(ledger.failures()).as("answers that make no sense").isEmpty();
		assertThat(minus(ledger.acknowledged(), events(ledger)))
			.as("events that were acknowledged and are not there; %s", ledger)
			.isEmpty();
		Map<String, String> eventByUid = new HashMap<>();
		this.uids.forEach((event, found) -> {
			assertThat(new HashSet<>(found)).as("uids of %s", event).hasSize(1);
			assertThat(eventByUid.put(found.get(0), event)).as("events with the uid of %s", event).isNull();
		});
		return this;
	}

	/**
	 * No event is twice in the file of one server.
	 */
	public Destination assertOnceOnEachServer() {
		assertThat(this.doubled).as("events that are twice in the file of one server").isEmpty();
		return this;
	}

	private static Set<String> minus(Set<String> some, Set<String> others) {
		Set<String> left = new HashSet<>(some);
		left.removeAll(others);
		return left;
	}

	private static Map<String, Integer> byReason(Map<String, String> reasons) {
		Map<String, Integer> counts = new TreeMap<>();
		reasons.values().forEach((reason) -> counts.merge(reason, 1, Integer::sum));
		return counts;
	}

}
