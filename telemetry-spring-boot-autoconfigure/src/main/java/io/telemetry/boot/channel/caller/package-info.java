/**
 * Who a client of the browser channel is: user, front end, address and browser, from what
 * the server knows, what the client can prove and what it says. Knows neither servlets
 * nor WebFlux; the roads hand in a
 * {@link io.telemetry.boot.channel.caller.CallerRequest}.
 */
@org.jspecify.annotations.NullMarked
package io.telemetry.boot.channel.caller;
