package io.telemetry.sample;

/**
 * Something to buy.
 *
 * @param id its number in the catalogue
 * @param name what it is called
 * @param blurb what it is for
 * @param cents its price
 * @param glyph a character that stands for its picture
 */
public record Product(int id, String name, String blurb, int cents, String glyph) {

}
