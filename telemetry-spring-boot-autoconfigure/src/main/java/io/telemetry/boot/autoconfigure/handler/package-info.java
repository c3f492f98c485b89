/**
 * Handlers from properties and beans.
 */
@org.jspecify.annotations.NullMarked
package io.telemetry.boot.autoconfigure.handler;
