/**
 * Auto-configuration of the Actuator endpoints.
 */
@org.jspecify.annotations.NullMarked
package io.telemetry.boot.autoconfigure.actuate;
