/**
 * Signals in a file.
 */
@org.jspecify.annotations.NullMarked
package io.telemetry.handler.file;
