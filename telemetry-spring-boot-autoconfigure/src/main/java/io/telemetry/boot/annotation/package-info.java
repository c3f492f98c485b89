/**
 * Annotated methods of Spring beans.
 */
@org.jspecify.annotations.NullMarked
package io.telemetry.boot.annotation;
