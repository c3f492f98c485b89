/**
 * The handler SPI: what a destination implements, and how it is fed.
 */
@org.jspecify.annotations.NullMarked
package io.telemetry.handler;
