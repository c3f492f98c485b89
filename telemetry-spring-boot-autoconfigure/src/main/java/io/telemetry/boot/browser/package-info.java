/**
 * The browser client's files and settings, served by the application itself.
 */
@org.jspecify.annotations.NullMarked
package io.telemetry.boot.browser;
