package io.telemetry.handler.socket;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;

/**
 * A stream to a peer that is only written to. What the peer says is read, so that its end
 * is noticed, and thrown away. Not safe for several threads. An interrupt of the thread
 * that uses it closes it.
 */
interface Connection extends Closeable {

	/**
	 * Writes everything.
	 * @throws IOException if the connection is lost or the peer takes nothing in for too
	 * long; part of it may have arrived
	 */
	void write(ByteBuffer bytes) throws IOException;

	/**
	 * Whether the peer has ended the connection, as far as is known here by now. A write
	 * into such a connection succeeds and is lost.
	 * @throws IOException if the connection is broken
	 */
	boolean isEnded() throws IOException;

	/**
	 * The same, for a peer that has some time to do so.
	 * @throws IOException if the connection is broken
	 */
	boolean isEndedWithin(Duration time) throws IOException;

	/**
	 * Tells the peer that there is no more, and waits for some time that it has taken
	 * note. What it said and nobody read would make the system reset the connection when
	 * it is closed, and what is still on its way would be lost.
	 * @throws IOException if the connection is broken
	 */
	void end(Duration patience) throws IOException;

	/**
	 * Gives the connection up at once.
	 */
	@Override
	void close();

}
