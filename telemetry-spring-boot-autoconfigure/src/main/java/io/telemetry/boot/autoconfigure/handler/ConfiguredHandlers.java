package io.telemetry.boot.autoconfigure.handler;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

import io.telemetry.boot.InvalidTelemetryConfigurationException;
import io.telemetry.boot.TelemetryCustomizer;
import io.telemetry.boot.autoconfigure.handler.HandlerPropertySource.HandlerProperties;
import io.telemetry.boot.autoconfigure.handler.TelemetryHandlersProperties.Handler;
import io.telemetry.encode.Format;
import io.telemetry.encode.SharedSignalEncoder;
import io.telemetry.encode.SignalEncoder;
import io.telemetry.handler.HandlerFactory;
import io.telemetry.handler.HandlerOptions;
import io.telemetry.handler.HandlerSpec;
import io.telemetry.handler.SignalHandler;
import io.telemetry.pipeline.SignalPipeline;
import org.jspecify.annotations.Nullable;

import org.springframework.core.Ordered;
import org.springframework.util.StringUtils;

/**
 * Gives the pipeline its handlers: those that properties name, the beans, and those that
 * exist unless properties say otherwise. Comes before other customizers, so that they see
 * these.
 */
final class ConfiguredHandlers implements TelemetryCustomizer, ConfiguredHandlerTypes, Ordered {

	private final HandlerPropertySource source;

	private final Map<String, HandlerFactory> factories = new TreeMap<>();

	private final Map<String, SignalHandler> beans;

	/**
	 * Shared, so that two handlers of one format encode each signal once. Those that are
	 * no beans are made when they are asked for, since some need a library.
	 */
	private final Map<String, SharedSignalEncoder> encoders = new TreeMap<>();

	private final SyslogFormat syslog = new SyslogFormat();

	private final Collection<String> byDefault;

	private final Map<String, String> types = new LinkedHashMap<>();

	/**
	 * The handlers of an application.
	 * @param source what properties say
	 * @param factories makes the handlers that properties name
	 * @param beans the beans that are handlers, by name
	 * @param encoders the beans that are encoders, by name of their format; they come
	 * before the {@link Format} of the same name
	 * @param byDefault types of which there is a handler of the same name without a
	 * property
	 */
	ConfiguredHandlers(HandlerPropertySource source, Collection<HandlerFactory> factories,
			Map<String, SignalHandler> beans, Map<String, SignalEncoder> encoders, Collection<String> byDefault) {
		this.source = source;
		factories.forEach((factory) -> {
			HandlerFactory other = this.factories.put(factory.type(), factory);
			if (other != null) {
				throw new IllegalStateException("Two HandlerFactory beans make handlers of type '" + factory.type()
						+ "', " + other.getClass().getName() + " and " + factory.getClass().getName()
						+ ": give one of them another type");
			}
		});
		this.beans = beans;
		encoders.forEach((format, encoder) -> this.encoders.put(format, new SharedSignalEncoder(encoder)));
		this.byDefault = byDefault;
	}

	@Override
	public int getOrder() {
		return Ordered.HIGHEST_PRECEDENCE;
	}

	@Override
	public Map<String, String> types() {
		return this.types;
	}

	@Override
	public void customize(SignalPipeline.Builder builder) {
		List<NewHandler> handlers = new ArrayList<>();
		try {
			create(handlers);
		}
		catch (RuntimeException ex) {
			handlers.forEach((handler) -> close(handler, ex));
			throw ex;
		}
		handlers.forEach((handler) -> {
			builder.handler(handler.name(), handler.handler(), handler.options());
			this.types.put(handler.name(), handler.type());
		});
	}

	private static void close(NewHandler handler, RuntimeException failure) {
		try {
			handler.handler().close();
		}
		catch (Exception ex) {
			failure.addSuppressed(ex);
		}
	}

	private void create(List<NewHandler> handlers) {
		Map<String, HandlerProperties> configured = new LinkedHashMap<>(this.source.handlers());
		Map<String, HandlerProperties> ofBeans = new LinkedHashMap<>();
		Set<String> usedBeans = new HashSet<>();
		this.beans.keySet().forEach((bean) -> {
			HandlerProperties properties = removeByName(configured, bean);
			ofBeans.put(bean, (properties != null) ? properties : this.source.none(bean));
		});
		for (String type : this.byDefault) {
			if (!ofBeans.containsKey(type)) {
				HandlerProperties properties = removeByName(configured, type);
				addFromFactory((properties != null) ? properties : this.source.none(type), handlers, usedBeans);
			}
		}
		configured.values().forEach((properties) -> addFromFactory(properties, handlers, usedBeans));
		ofBeans.forEach((bean, properties) -> addBean(bean, properties, handlers, usedBeans));
	}

	private static @Nullable HandlerProperties removeByName(Map<String, HandlerProperties> configured, String name) {
		for (String key : configured.keySet()) {
			if (uniform(key).equals(uniform(name))) {
				return configured.remove(key);
			}
		}
		return null;
	}

	/**
	 * As Boot compares names: {@code auditTrail} is {@code audit-trail}.
	 */
	private static String uniform(String name) {
		return name.replace("-", "").replace("_", "").toLowerCase(Locale.ROOT);
	}

	private void addFromFactory(HandlerProperties properties, List<NewHandler> handlers, Set<String> usedBeans) {
		Handler common = properties.common();
		if (!common.isEnabled()) {
			return;
		}
		String type = (common.getType() != null) ? common.getType() : properties.name();
		if (BeanHandlers.TYPE.equals(type)) {
			String bean = BeanHandlers.beanName(properties, this.beans.keySet());
			usedBeans.add(bean);
			add(properties, type, BeanHandlers.handler(this.beans, bean), HandlerOptions.DEFAULTS, handlers);
			return;
		}
		HandlerFactory factory = this.factories.get(type);
		if (factory == null) {
			throw unknownType(properties, common.getType());
		}
		HandlerOptions options = new HandlerOptionsMapper(properties).options(factory.defaults());
		if (options.queue() == null && factory.needsQueue()) {
			throw new InvalidTelemetryConfigurationException(properties.property("async.mode"), "none",
					"a handler of type '" + type + "' writes in batches, and a queue makes them",
					"Remove it, or set it to dropping, sliding or blocking");
		}
		Spec spec = new Spec(properties, type);
		SignalHandler handler = create(factory, spec);
		handlers.add(new NewHandler(properties.name(), type, handler, options));
		if (common.getFormat() != null && !spec.encoderAsked) {
			throw noFormat(properties, type);
		}
		properties.refuseUnknown(type);
	}

	private void addBean(String bean, HandlerProperties properties, List<NewHandler> handlers, Set<String> usedBeans) {
		Handler common = properties.common();
		if (common.getType() != null && !BeanHandlers.TYPE.equals(common.getType())) {
			throw new InvalidTelemetryConfigurationException(properties.property("type"), common.getType(),
					"the bean '" + bean + "' is a handler of that name already",
					"Remove the type, or give the handler another name than the bean");
		}
		// A bean that a handler of another name refers to is that handler.
		if (common.isEnabled() && !usedBeans.contains(bean)) {
			add(properties, BeanHandlers.TYPE, BeanHandlers.handler(this.beans, bean), HandlerOptions.DEFAULTS,
					handlers);
		}
	}

	private void add(HandlerProperties properties, String type, SignalHandler handler, HandlerOptions defaults,
			List<NewHandler> handlers) {
		HandlerOptions options = new HandlerOptionsMapper(properties).options(defaults);
		if (properties.common().getFormat() != null) {
			throw noFormat(properties, type);
		}
		properties.refuseUnknown(type);
		handlers.add(new NewHandler(properties.name(), type, handler, options));
	}

	private SignalHandler create(HandlerFactory factory, Spec spec) {
		HandlerProperties properties = spec.properties;
		try {
			return factory.create(spec);
		}
		catch (InvalidTelemetryConfigurationException ex) {
			throw ex;
		}
		catch (IllegalArgumentException ex) {
			throw new InvalidTelemetryConfigurationException(properties.property(factory.type()), null,
					String.valueOf(ex.getMessage()),
					"Correct it, or set '" + properties.property("enabled") + "' to false to do without this handler",
					ex);
		}
		catch (Exception ex) {
			throw new InvalidTelemetryConfigurationException(properties.prefix(), null,
					"the handler can't be made: " + ex, "Correct the handler's properties, or set '"
							+ properties.property("enabled") + "' to false to do without it",
					ex);
		}
	}

	private InvalidTelemetryConfigurationException unknownType(HandlerProperties properties, @Nullable String type) {
		Set<String> allowed = new TreeSet<>(this.factories.keySet());
		allowed.add(BeanHandlers.TYPE);
		return new InvalidTelemetryConfigurationException(properties.property("type"), type,
				(type != null) ? "there is no such type of handler"
						: "the handler is neither named as a type nor as a SignalHandler bean",
				"Use one of: " + String.join(", ", allowed));
	}

	private static InvalidTelemetryConfigurationException noFormat(HandlerProperties properties, String type) {
		return new InvalidTelemetryConfigurationException(properties.property("format"),
				properties.common().getFormat(), "a handler of type '" + type + "' has no format", "Remove it");
	}

	private SharedSignalEncoder encoder(String name, HandlerProperties properties) {
		SharedSignalEncoder encoder = this.encoders.get(name);
		if (encoder != null) {
			return encoder;
		}
		if (name.equals(SyslogFormat.NAME)) {
			return this.syslog.encoder(properties);
		}
		for (Format format : Format.values()) {
			if (format.toString().equals(name)) {
				encoder = new SharedSignalEncoder(encoder(format, properties));
				this.encoders.put(name, encoder);
				return encoder;
			}
		}
		throw new InvalidTelemetryConfigurationException(properties.property("format"), name, "there is no such format",
				"Use one of: " + String.join(", ", availableFormats()));
	}

	private SignalEncoder encoder(Format format, HandlerProperties properties) {
		try {
			return format.newEncoder();
		}
		catch (IllegalStateException ex) {
			throw new InvalidTelemetryConfigurationException(properties.property("format"), format,
					"the library that this format needs is missing", "Add the dependency '" + format.dependency()
							+ "', or use one of: " + String.join(", ", availableFormats()),
					ex);
		}
	}

	private Set<String> availableFormats() {
		Set<String> formats = new TreeSet<>(this.encoders.keySet());
		formats.add(SyslogFormat.NAME);
		for (Format format : Format.values()) {
			if (format.isAvailable()) {
				formats.add(format.toString());
			}
		}
		return formats;
	}

	private record NewHandler(String name, String type, SignalHandler handler, HandlerOptions options) {
	}

	/**
	 * What a factory is told.
	 */
	private final class Spec implements HandlerSpec {

		private final HandlerProperties properties;

		private final String type;

		private boolean encoderAsked;

		Spec(HandlerProperties properties, String type) {
			this.properties = properties;
			this.type = type;
		}

		@Override
		public String name() {
			return this.properties.name();
		}

		@Override
		public String property(String setting) {
			return this.properties.property(this.type + "." + setting);
		}

		@Override
		public <T> T settings(Class<T> target) {
			return this.properties.group(this.type, target);
		}

		@Override
		public SignalEncoder encoder(String defaultFormat) {
			String format = this.properties.common().getFormat();
			String name = StringUtils.hasText(format) ? format : defaultFormat;
			SharedSignalEncoder encoder = ConfiguredHandlers.this.encoder(name, this.properties);
			if (!this.encoderAsked) {
				this.encoderAsked = true;
				encoder.addUser();
			}
			return encoder;
		}

	}

}
