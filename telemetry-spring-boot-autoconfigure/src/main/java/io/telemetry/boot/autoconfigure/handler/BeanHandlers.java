package io.telemetry.boot.autoconfigure.handler;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

import io.telemetry.boot.InvalidTelemetryConfigurationException;
import io.telemetry.boot.autoconfigure.handler.HandlerPropertySource.HandlerProperties;
import io.telemetry.boot.autoconfigure.handler.TelemetryHandlersProperties.Bean;
import io.telemetry.handler.SignalHandler;
import io.telemetry.signal.Signal;

/**
 * Beans as handlers.
 */
final class BeanHandlers {

	/** The type of handlers that are beans. */
	static final String TYPE = "bean";

	private BeanHandlers() {
	}

	/**
	 * The bean that a handler's properties name.
	 */
	static String beanName(HandlerProperties properties, Set<String> beans) {
		String name = properties.group(TYPE, Bean.class).getName();
		if (name == null || !beans.contains(name)) {
			throw new InvalidTelemetryConfigurationException(properties.property("bean.name"), name,
					(name != null) ? "there is no SignalHandler bean of that name" : "it is missing",
					beans.isEmpty() ? "Define a bean that implements SignalHandler"
							: "Use one of: " + String.join(", ", new TreeSet<>(beans)));
		}
		return name;
	}

	static SignalHandler handler(Map<String, SignalHandler> beans, String name) {
		SignalHandler bean = beans.get(name);
		if (bean == null) {
			throw new IllegalStateException("No bean '" + name + "'");
		}
		return new ContainerManaged(bean);
	}

	/**
	 * A bean, which the container closes after the pipeline and nobody else does.
	 */
	private record ContainerManaged(SignalHandler bean) implements SignalHandler {

		@Override
		public void handle(Signal signal) throws Exception {
			this.bean.handle(signal);
		}

		@Override
		public void handle(List<Signal> batch) throws Exception {
			this.bean.handle(batch);
		}

		@Override
		public void flush() throws Exception {
			this.bean.flush();
		}

	}

}
