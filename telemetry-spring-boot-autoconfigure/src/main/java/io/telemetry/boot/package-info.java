/**
 * What an application sees of the Spring Boot integration itself: its extension points
 * and failures.
 */
@org.jspecify.annotations.NullMarked
package io.telemetry.boot;
