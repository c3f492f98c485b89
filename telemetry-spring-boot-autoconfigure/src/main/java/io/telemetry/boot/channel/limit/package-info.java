/**
 * What clients of the channel may take up: events per time, connections, and room in the
 * handlers' queues.
 */
@org.jspecify.annotations.NullMarked
package io.telemetry.boot.channel.limit;
