/**
 * Auto-configuration of what the context of signals has to do with SLF4J's MDC and with
 * Spring's executors.
 */
@org.jspecify.annotations.NullMarked
package io.telemetry.boot.autoconfigure.context;
