/**
 * Auto-configuration of the signals that tell of an application's start and stop.
 */
@org.jspecify.annotations.NullMarked
package io.telemetry.boot.autoconfigure.startup;
