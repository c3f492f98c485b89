package io.telemetry.boot.channel;

/**
 * One STOMP frame as it came, known to be whole.
 *
 * @param command its command
 * @param bytes its bytes up to and with the NUL; of an oversized frame the beginning
 * @param oversized whether its body was over the limit and only its beginning is here
 */
record Frame(String command, byte[] bytes, boolean oversized) {
}
