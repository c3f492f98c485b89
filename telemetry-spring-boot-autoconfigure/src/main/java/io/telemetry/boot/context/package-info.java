/**
 * The context of signals beside SLF4J's MDC and on Spring's executors.
 */
@org.jspecify.annotations.NullMarked
package io.telemetry.boot.context;
