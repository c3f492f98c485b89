/**
 * What the server says to browsers: live settings, requests for diagnostics, flush and
 * reconnect.
 */
@org.jspecify.annotations.NullMarked
package io.telemetry.boot.channel.control;
