package io.telemetry.boot.channel;

/**
 * What a request brings about before its body is looked at: an answer at once, or the
 * wish for the body.
 */
public sealed interface HttpReply permits HttpAnswer, HttpIntake {

}
