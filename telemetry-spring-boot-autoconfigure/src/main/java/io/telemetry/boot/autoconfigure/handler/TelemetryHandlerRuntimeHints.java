package io.telemetry.boot.autoconfigure.handler;

import io.telemetry.boot.autoconfigure.handler.TelemetryHandlersProperties.Bean;
import io.telemetry.boot.autoconfigure.handler.TelemetryHandlersProperties.Console;
import io.telemetry.boot.autoconfigure.handler.TelemetryHandlersProperties.File;
import io.telemetry.boot.autoconfigure.handler.TelemetryHandlersProperties.Handler;
import io.telemetry.boot.autoconfigure.handler.TelemetryHandlersProperties.Syslog;
import io.telemetry.boot.autoconfigure.handler.TelemetryHandlersProperties.Tcp;
import io.telemetry.boot.autoconfigure.handler.TelemetryHandlersProperties.Udp;
import org.jspecify.annotations.Nullable;

import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.RuntimeHintsRegistrar;
import org.springframework.boot.context.properties.bind.BindableRuntimeHintsRegistrar;

/**
 * The properties of handlers, which are bound without a bean that would tell of them.
 */
class TelemetryHandlerRuntimeHints implements RuntimeHintsRegistrar {

	@Override
	public void registerHints(RuntimeHints hints, @Nullable ClassLoader classLoader) {
		BindableRuntimeHintsRegistrar
			.forTypes(Handler.class, Console.class, File.class, Tcp.class, Udp.class, Syslog.class, Bean.class)
			.registerHints(hints);
	}

}
