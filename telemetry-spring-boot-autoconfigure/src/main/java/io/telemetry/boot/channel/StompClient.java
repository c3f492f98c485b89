package io.telemetry.boot.channel;

import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;

import io.telemetry.boot.channel.caller.Application;
import org.jspecify.annotations.Nullable;

/**
 * A connection behind its CONNECT, as others may see it.
 */
final class StompClient implements ConnectedClient {

	private final StompFrames frames;

	private final Connection connection;

	private final Connection.Client client;

	StompClient(StompFrames frames, Connection connection, Connection.Client client) {
		this.frames = frames;
		this.connection = connection;
		this.client = client;
	}

	@Override
	public String connectionId() {
		return this.connection.id();
	}

	@Override
	public String sessionId() {
		return this.client.sessionId();
	}

	@Override
	public String userId() {
		return this.client.userId();
	}

	@Override
	public @Nullable String application() {
		Application application = this.client.sender().caller().application();
		return application.isDefault() ? null : application.name();
	}

	@Override
	public @Nullable String clientAddress() {
		return this.client.sender().caller().address().shown();
	}

	@Override
	public Duration age() {
		return Duration.ofNanos(System.nanoTime() - this.connection.openedNanos());
	}

	@Override
	public List<String> subscriptions() {
		return this.connection.subscribedDestinations();
	}

	@Override
	public boolean isListening() {
		return !this.connection.isEnded() && !this.connection.subscriptionsTo(Destinations.CONTROL).isEmpty();
	}

	@Override
	public void send(byte[] message) {
		this.frames.send(this.connection, Destinations.CONTROL, message);
	}

	@Override
	public void sendLatest(Supplier<byte[]> message) {
		this.connection.latest(() -> send(message.get()));
	}

}
