/**
 * Annotations that say what of a method is told. A container reads them, such as a Spring
 * Boot application with Telemetry's starter; without one they do nothing.
 */
@org.jspecify.annotations.NullMarked
package io.telemetry.annotation;
