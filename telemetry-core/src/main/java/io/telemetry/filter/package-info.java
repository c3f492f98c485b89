/**
 * Which signals are wanted, by level, kind, namespace and id, and by predicates over all
 * that a signal holds.
 */
@org.jspecify.annotations.NullMarked
package io.telemetry.filter;
