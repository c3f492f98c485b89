package io.telemetry.boot.channel;

/**
 * An event that was left out of an accepted batch.
 *
 * @param index its place in the batch, from 0
 * @param reason why it was left out
 */
record Rejection(int index, RejectReason reason) {
}
