package io.telemetry.boot.channel;

import java.time.Duration;
import java.util.List;

import org.springframework.context.SmartLifecycle;

/**
 * Starts the channel when everything else stands, and stops it before anything else, the
 * web server above all: a client is told that the server goes and does not find a dead
 * line.
 */
public final class ChannelLifecycle implements SmartLifecycle {

	private final BatchReceiver receiver;

	private final String path;

	private final List<ChannelPart> parts;

	private final Duration patience;

	private volatile boolean running;

	/**
	 * The life of a channel.
	 * @param receiver takes batches while the channel lives
	 * @param path the channel's address
	 * @param parts what begins and ends with the channel beside the receiver: the
	 * WebSocket road where there is one
	 * @param patience how long stopping waits until what is kept on the disk is handed to
	 * the handlers; what is left is handed on after the next start
	 */
	public ChannelLifecycle(BatchReceiver receiver, String path, List<ChannelPart> parts, Duration patience) {
		this.receiver = receiver;
		this.path = path;
		this.parts = List.copyOf(parts);
		this.patience = patience;
	}

	/**
	 * Whether clients can use a WebSocket.
	 * @return {@code false} where there is POST only
	 */
	public boolean hasWebSocket() {
		return this.parts.stream().anyMatch(ChannelPart::isWebSocket);
	}

	@Override
	public synchronized void start() {
		if (!this.running) {
			this.receiver.open();
			this.parts.forEach(ChannelPart::start);
			this.running = true;
			this.receiver.signals().serverStarted(this.path, hasWebSocket());
		}
	}

	@Override
	public synchronized void stop() {
		if (this.running) {
			this.running = false;
			this.receiver.shutDown();
			this.parts.forEach(ChannelPart::stop);
			this.receiver.rest(this.patience);
		}
	}

	@Override
	public boolean isRunning() {
		return this.running;
	}

	@Override
	public int getPhase() {
		return Integer.MAX_VALUE;
	}

}
