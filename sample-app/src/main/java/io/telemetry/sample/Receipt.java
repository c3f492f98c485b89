package io.telemetry.sample;

/**
 * What a visitor has bought.
 *
 * @param order the order's number
 * @param cents what it costs
 * @param recommended what to buy next
 */
public record Receipt(int order, int cents, String recommended) {

}
