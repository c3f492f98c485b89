/**
 * Auto-configuration of the browser channel.
 */
@org.jspecify.annotations.NullMarked
package io.telemetry.boot.autoconfigure.channel;
