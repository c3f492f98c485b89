/**
 * The pipeline: order of steps, live configuration and the handlers in force.
 */
@org.jspecify.annotations.NullMarked
package io.telemetry.pipeline;
