/**
 * What is ambient on a thread, fields and span, and how it gets to other threads.
 */
@org.jspecify.annotations.NullMarked
package io.telemetry.context;
