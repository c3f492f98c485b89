/**
 * Actuator endpoints: they ask, describe and return.
 */
@org.jspecify.annotations.NullMarked
package io.telemetry.boot.actuate;
