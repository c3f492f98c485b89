/**
 * Changing, dropping or replacing a signal on its way.
 */
@org.jspecify.annotations.NullMarked
package io.telemetry.transform;
