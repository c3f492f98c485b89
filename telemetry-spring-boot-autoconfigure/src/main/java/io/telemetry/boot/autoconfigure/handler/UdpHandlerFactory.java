package io.telemetry.boot.autoconfigure.handler;

import java.time.Duration;

import io.telemetry.boot.autoconfigure.handler.TelemetryHandlersProperties.Udp;
import io.telemetry.handler.HandlerFactory;
import io.telemetry.handler.HandlerOptions;
import io.telemetry.handler.HandlerSpec;
import io.telemetry.handler.QueueOptions;
import io.telemetry.handler.SignalHandler;
import io.telemetry.handler.socket.UdpHandler;
import io.telemetry.handler.socket.UdpOptions;

/**
 * Makes handlers of type {@code udp}.
 */
final class UdpHandlerFactory implements HandlerFactory {

	private static final HandlerOptions DEFAULTS = HandlerOptions.DEFAULTS
		.withQueue(QueueOptions.DEFAULTS.withCapacity(10_000).withBatches(100, Duration.ofMillis(200)));

	@Override
	public String type() {
		return "udp";
	}

	@Override
	public SignalHandler create(HandlerSpec spec) {
		Udp udp = spec.settings(Udp.class);
		String prefix = "telemetry.handlers." + spec.name() + ".udp.";
		String host = PropertyCheck.required(prefix + "host", udp.getHost(),
				"Set it to the receiver's name or address");
		int port = PropertyCheck.required(prefix + "port", udp.getPort(), "Set it to the receiver's port, such as 514");
		UdpOptions peer = PropertyCheck.check(prefix + "port", port, "Use a port from 1 to 65535",
				() -> UdpOptions.of("localhost", port));
		UdpOptions named = PropertyCheck.check(prefix + "host", host, "Use a name or an address without a port",
				() -> UdpOptions.of(host, peer.port()));
		UdpOptions options = PropertyCheck.check(prefix + "max-size", udp.getMaxSize(),
				"Use a size such as 1400B or 8KB",
				() -> named.withMaxSize((int) Math.min(Integer.MAX_VALUE, udp.getMaxSize().toBytes())));
		return new UdpHandler(spec.encoder("json"), options);
	}

	@Override
	public HandlerOptions defaults() {
		return DEFAULTS;
	}

}
