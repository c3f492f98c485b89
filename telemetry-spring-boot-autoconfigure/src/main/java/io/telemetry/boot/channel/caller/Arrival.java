package io.telemetry.boot.channel.caller;

/**
 * A client that has come to the door: what is known before it says who it is. Of a POST
 * that is before its body is read, of a connection at the handshake.
 *
 * @param request the request
 * @param application the front end it belongs to
 * @param address its address
 */
public record Arrival(CallerRequest request, Application application, ClientAddress address) {
}
