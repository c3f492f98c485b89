/**
 * What begins and ends with an application: its pipeline for static access, and the
 * signals that tell of start and stop.
 */
@org.jspecify.annotations.NullMarked
package io.telemetry.boot.startup;
