package io.telemetry.boot.channel;

import java.io.ByteArrayOutputStream;

import io.telemetry.boot.channel.caller.Caller;
import io.telemetry.boot.channel.caller.Ticket;
import io.telemetry.boot.channel.caller.Tickets;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

import org.springframework.http.MediaType;
import org.springframework.web.cors.CorsConfiguration;

/**
 * Gives a ticket to a client that has proved who it is. Takes no body. Safe for several
 * threads.
 */
public final class TicketPost implements HttpResource {

	private static final JsonFactory JSON = JsonFactory.builder().build();

	private final PagePost post;

	private final BatchReceiver receiver;

	private final Tickets tickets;

	/**
	 * An address that gives tickets.
	 * @param settings origins that may ask
	 * @param receiver knows clients, and counts those who are refused
	 * @param tickets issues the tickets
	 */
	public TicketPost(ChannelSettings settings, BatchReceiver receiver, Tickets tickets) {
		this.post = new PagePost(settings, receiver, this::issue);
		this.receiver = receiver;
		this.tickets = tickets;
	}

	@Override
	public boolean mayBlock(HttpCall call) {
		return this.receiver.admission().callers().mayBlock(call);
	}

	@Override
	public HttpReply begin(HttpCall call) {
		return this.post.begin(call);
	}

	@Override
	public CorsConfiguration cors(HttpCall call) {
		return this.post.cors(call);
	}

	private HttpReply issue(HttpCall call) throws BatchRefusedException {
		Caller caller = this.receiver.sender(call).caller();
		String userId = caller.userId();
		if (userId == null || !caller.isEntitledToTicket()) {
			throw new BatchRefusedException(RefusalReason.UNAUTHORIZED, null);
		}
		Ticket ticket;
		try {
			ticket = this.tickets.issue(userId, caller.application(), caller.expiresAt());
		}
		catch (IllegalArgumentException ex) {
			// The name of this user does not fit into one
			this.receiver.failed(ex, null);
			throw new BatchRefusedException(RefusalReason.UNAUTHORIZED, null);
		}
		ByteArrayOutputStream out = new ByteArrayOutputStream(256);
		try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), out)) {
			json.writeStartObject();
			json.writeStringProperty("ticket", ticket.text());
			json.writeNumberProperty("expiresAt", ticket.expiresAt().toEpochMilli());
			json.writeEndObject();
		}
		return HttpAnswer.of(200, MediaType.APPLICATION_JSON_VALUE, out.toByteArray());
	}

}
