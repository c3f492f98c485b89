/**
 * Auto-configuration of annotated methods.
 */
@org.jspecify.annotations.NullMarked
package io.telemetry.boot.autoconfigure.annotation;
