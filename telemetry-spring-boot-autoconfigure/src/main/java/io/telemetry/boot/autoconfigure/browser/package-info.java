/**
 * Auto-configuration of the browser client's files and settings.
 */
@org.jspecify.annotations.NullMarked
package io.telemetry.boot.autoconfigure.browser;
