package io.telemetry.boot.channel;

import io.telemetry.boot.channel.caller.Callers;
import io.telemetry.boot.channel.caller.CsrfProtection;
import io.telemetry.boot.channel.limit.BytesInHand;
import io.telemetry.boot.channel.limit.ConnectionSlots;
import io.telemetry.boot.channel.limit.EventRates;
import io.telemetry.boot.channel.limit.Overload;

/**
 * What a client has to pass before anything of it is taken: who it is, and how much it
 * and all others may send.
 *
 * @param callers decides who a client is
 * @param csrf tells which token a CONNECT has to bring
 * @param slots places for connections
 * @param rates limits of events
 * @param overload whether the handlers can follow
 * @param inHand room for what has come and is not done with
 */
public record Admission(Callers callers, CsrfProtection csrf, ConnectionSlots slots, EventRates rates,
		Overload overload, BytesInHand inHand) {
}
