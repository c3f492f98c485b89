/**
 * What the browser channel does with Spring Security where an application has it.
 */
@org.jspecify.annotations.NullMarked
package io.telemetry.boot.channel.security;
