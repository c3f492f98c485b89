package io.telemetry.sample;

import java.util.List;

/**
 * What a visitor wants to buy.
 *
 * @param productIds the products, one entry a piece
 */
public record Order(List<Integer> productIds) {

	/** Pieces that one order may have. */
	public static final int MAX_PIECES = 50;

}
