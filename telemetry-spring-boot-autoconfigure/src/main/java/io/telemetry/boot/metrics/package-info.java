/**
 * Numbers of the application as Micrometer's meters.
 */
@org.jspecify.annotations.NullMarked
package io.telemetry.boot.metrics;
