/**
 * A log on disk: segmented, checksummed, bounded, with readers that follow it and
 * acknowledge what they have dealt with.
 */
@org.jspecify.annotations.NullMarked
package io.telemetry.journal;
