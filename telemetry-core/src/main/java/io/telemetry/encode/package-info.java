/**
 * A signal as text or bytes.
 */
@org.jspecify.annotations.NullMarked
package io.telemetry.encode;
