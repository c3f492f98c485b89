/**
 * Auto-configuration of the pipeline and of what is injected.
 */
@org.jspecify.annotations.NullMarked
package io.telemetry.boot.autoconfigure;
