package io.telemetry.boot.channel;

import java.nio.ByteBuffer;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/**
 * The body of one request, taken in pieces as they come. Whoever has called
 * {@link #take(ByteBuffer)} calls either {@link #end()} or {@link #abandon()} in the end.
 * Neither of the three blocks; each may come from another thread.
 */
public non-sealed interface HttpIntake extends HttpReply {

	/**
	 * Takes the next piece.
	 * @param piece bytes, read to the end or not; not kept
	 * @return whether more is wanted; if not, the rest need not be read
	 */
	boolean take(ByteBuffer piece);

	/**
	 * Says that the body is over, or that no more was wanted. From now on nothing is
	 * abandoned: what has come is worth handling even if its client does not wait.
	 * @return what is left to do for the answer; to be done once, and may block. What it
	 * gives completes on any thread, one maybe that others wait for
	 */
	Supplier<CompletionStage<HttpAnswer>> end();

	/**
	 * Says that the end of the body won't come. Does nothing after {@link #end()}, and
	 * nothing when said again; an end that is told after it brings nothing about.
	 */
	void abandon();

}
