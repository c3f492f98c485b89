/**
 * Auto-configuration of what is made into signals of the application's log and standard
 * output.
 */
@org.jspecify.annotations.NullMarked
package io.telemetry.boot.autoconfigure.intake;
