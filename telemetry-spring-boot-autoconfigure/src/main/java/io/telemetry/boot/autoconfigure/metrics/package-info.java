/**
 * Auto-configuration of the numbers of the application as Micrometer's meters.
 */
@org.jspecify.annotations.NullMarked
package io.telemetry.boot.autoconfigure.metrics;
