/**
 * What an application uses: {@link io.telemetry.Telemetry} and the builder of one signal.
 */
@org.jspecify.annotations.NullMarked
package io.telemetry;
