package io.telemetry.boot.channel;

import io.telemetry.boot.channel.caller.Application;
import io.telemetry.boot.channel.caller.Arrival;
import io.telemetry.boot.channel.caller.ClientAddress;
import io.telemetry.boot.channel.caller.CsrfExpectation;
import io.telemetry.boot.channel.limit.ConnectionSlots;
import org.jspecify.annotations.Nullable;

import org.springframework.web.socket.WebSocketSession;

/**
 * A client that may open a connection and has not said yet who it is.
 *
 * @param application the front end whose key it gave
 * @param address its address
 * @param csrf the token that its CONNECT has to bring; {@code null} for none
 * @param slot its place among the connections
 */
record Guest(Application application, ClientAddress address, @Nullable CsrfExpectation csrf,
		ConnectionSlots.Slot slot) {

	/**
	 * What the client can be asked by when it says who it is.
	 * @param session the connection as the container has it
	 */
	Arrival arrival(WebSocketSession session) {
		return new Arrival(new HandshakeRequest(session), this.application, this.address);
	}

}
