package io.telemetry.sample;

import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * What a visitor wants to buy.
 *
 * @param productIds the products, one entry a piece
 * @param email where the receipt goes, if anywhere
 */
public record Order(List<Integer> productIds, @Nullable String email) {

	/** Pieces that one order may have. */
	public static final int MAX_PIECES = 50;

}
