/**
 * What the channel has acknowledged as durable, on disk until it is delivered.
 */
@NullMarked
package io.telemetry.boot.channel.durable;

import org.jspecify.annotations.NullMarked;
