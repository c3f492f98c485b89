/**
 * What an application says elsewhere, made into signals: its log and its standard output.
 */
@org.jspecify.annotations.NullMarked
package io.telemetry.boot.intake;
