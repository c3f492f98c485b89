/**
 * Which signals are wanted, by level, kind, namespace and id.
 */
@org.jspecify.annotations.NullMarked
package io.telemetry.filter;
