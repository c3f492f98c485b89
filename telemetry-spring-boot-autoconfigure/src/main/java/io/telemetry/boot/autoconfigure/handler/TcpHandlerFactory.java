package io.telemetry.boot.autoconfigure.handler;

import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.TreeSet;

import io.telemetry.boot.InvalidTelemetryConfigurationException;
import io.telemetry.boot.autoconfigure.handler.TelemetryHandlersProperties.Reconnect;
import io.telemetry.boot.autoconfigure.handler.TelemetryHandlersProperties.Ssl;
import io.telemetry.boot.autoconfigure.handler.TelemetryHandlersProperties.Tcp;
import io.telemetry.encode.SignalEncoder;
import io.telemetry.handler.HandlerFactory;
import io.telemetry.handler.HandlerOptions;
import io.telemetry.handler.HandlerSpec;
import io.telemetry.handler.QueueOptions;
import io.telemetry.handler.SignalHandler;
import io.telemetry.handler.socket.ReconnectOptions;
import io.telemetry.handler.socket.TcpHandler;
import io.telemetry.handler.socket.TcpOptions;
import io.telemetry.handler.socket.TlsOptions;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.ssl.NoSuchSslBundleException;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.SslBundles;

/**
 * Makes handlers of type {@code tcp}. Large batches, because each is one write, and a
 * large queue, which bridges the time in which the peer is restarted.
 */
final class TcpHandlerFactory implements HandlerFactory {

	private static final HandlerOptions DEFAULTS = HandlerOptions.DEFAULTS
		.withQueue(QueueOptions.DEFAULTS.withCapacity(10_000).withBatches(1000, Duration.ofMillis(200)));

	private final ObjectProvider<SslBundles> sslBundles;

	TcpHandlerFactory(ObjectProvider<SslBundles> sslBundles) {
		this.sslBundles = sslBundles;
	}

	@Override
	public String type() {
		return "tcp";
	}

	@Override
	public SignalHandler create(HandlerSpec spec) {
		Tcp tcp = spec.settings(Tcp.class);
		String prefix = "telemetry.handlers." + spec.name() + ".tcp.";
		TcpOptions options = peer(tcp, prefix).withReconnect(reconnect(tcp.getReconnect(), prefix + "reconnect."))
			.withTls(tls(tcp.getSsl(), prefix + "ssl."))
			.withFailFast(tcp.isFailFast());
		SignalEncoder encoder = spec.encoder("json");
		try {
			return PropertyCheck.check(prefix + "framing", tcp.getFraming(), "Remove it, or set it to length",
					() -> new TcpHandler(encoder, options.withFraming(tcp.getFraming())));
		}
		catch (UncheckedIOException ex) {
			throw new InvalidTelemetryConfigurationException(prefix + "fail-fast", true,
					"'" + options.host() + "' can't be reached at port " + options.port() + ": " + ex.getCause(),
					"Start the peer first, correct '" + prefix + "host' and '" + prefix
							+ "port', or set fail-fast to false to start without it",
					ex);
		}
	}

	private static TcpOptions peer(Tcp tcp, String prefix) {
		String host = PropertyCheck.required(prefix + "host", tcp.getHost(), "Set it to the peer's name or address");
		int port = PropertyCheck.required(prefix + "port", tcp.getPort(), "Set it to the peer's port, such as 5000");
		PropertyCheck.check(prefix + "port", port, "Use a port from 1 to 65535",
				() -> TcpOptions.of("localhost", port));
		TcpOptions peer = PropertyCheck.check(prefix + "host", host, "Use a name or an address without a port",
				() -> TcpOptions.of(host, port));
		TcpOptions patient = PropertyCheck.check(prefix + "connect-timeout", tcp.getConnectTimeout(),
				"Use a duration such as 5s", () -> peer.withConnectTimeout(tcp.getConnectTimeout()));
		return PropertyCheck.check(prefix + "write-timeout", tcp.getWriteTimeout(), "Use a duration such as 10s",
				() -> patient.withWriteTimeout(tcp.getWriteTimeout()));
	}

	private static ReconnectOptions reconnect(Reconnect reconnect, String prefix) {
		Duration initial = reconnect.getInitialDelay();
		PropertyCheck.check(prefix + "initial-delay", initial, "Use a duration such as 100ms",
				() -> ReconnectOptions.DEFAULTS.withDelays(initial, initial));
		ReconnectOptions options = PropertyCheck.check(prefix + "max-delay", reconnect.getMaxDelay(),
				"Use a duration such as 10s, or a shorter '" + prefix + "initial-delay'",
				() -> ReconnectOptions.DEFAULTS.withDelays(initial, reconnect.getMaxDelay()));
		return PropertyCheck.check(prefix + "max-wait", reconnect.getMaxWait(),
				"Use a duration such as 30s, or 0s to wait for nothing",
				() -> options.withMaxWait(reconnect.getMaxWait()));
	}

	private @Nullable TlsOptions tls(Ssl ssl, String prefix) {
		String name = ssl.getBundle();
		boolean enabled = (ssl.getEnabled() != null) ? ssl.getEnabled() : name != null;
		if (!enabled) {
			return null;
		}
		if (name == null) {
			return TlsOptions.of(() -> SslBundle.systemDefault().createSslContext())
				.withVerifyHostname(ssl.isVerifyHostname());
		}
		SslBundles bundles = this.sslBundles.getIfAvailable();
		if (bundles == null) {
			throw new InvalidTelemetryConfigurationException(prefix + "bundle", name,
					"the application has no SSL bundles", "Don't exclude Spring Boot's SslAutoConfiguration");
		}
		try {
			SslBundle bundle = bundles.getBundle(name);
			// Asked for again at each connection: a bundle may be renewed.
			TlsOptions options = TlsOptions.of(() -> bundles.getBundle(name).createSslContext())
				.withVerifyHostname(ssl.isVerifyHostname())
				.withAlgorithms(list(bundle.getOptions().getEnabledProtocols()),
						list(bundle.getOptions().getCiphers()));
			return PropertyCheck.check(prefix + "bundle", name, "Correct the options of the bundle", () -> {
				options.check();
				return options;
			});
		}
		catch (NoSuchSslBundleException ex) {
			throw new InvalidTelemetryConfigurationException(prefix + "bundle", name, "there is no such SSL bundle",
					bundles.getBundleNames().isEmpty() ? "Define it below 'spring.ssl.bundle'"
							: "Define it below 'spring.ssl.bundle', or use one of: "
									+ String.join(", ", new TreeSet<>(bundles.getBundleNames())),
					ex);
		}
	}

	private static List<String> list(String @Nullable [] values) {
		return (values != null) ? List.of(values) : List.of();
	}

	@Override
	public HandlerOptions defaults() {
		return DEFAULTS;
	}

}
