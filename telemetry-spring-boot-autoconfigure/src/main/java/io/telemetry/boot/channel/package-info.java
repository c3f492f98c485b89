/**
 * The browser channel: decodes, bounds and acknowledges the batches that browsers send
 * over STOMP or HTTP, and hands their events to the facade.
 */
@org.jspecify.annotations.NullMarked
package io.telemetry.boot.channel;
