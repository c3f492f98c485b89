package io.telemetry.boot.autoconfigure.handler;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

import io.telemetry.boot.InvalidTelemetryConfigurationException;
import io.telemetry.boot.autoconfigure.handler.TelemetryHandlersProperties.Handler;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.bind.AbstractBindHandler;
import org.springframework.boot.context.properties.bind.BindContext;
import org.springframework.boot.context.properties.bind.BindHandler;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName.Form;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.context.properties.source.IterableConfigurationPropertySource;
import org.springframework.boot.context.properties.source.UnboundElementsSourceFilter;
import org.springframework.core.env.Environment;

/**
 * What the environment says of handlers. Bound one by one and not as one bean, because
 * which properties a handler has is known only when its type is, and those that nobody
 * asked for are to be refused.
 */
final class HandlerPropertySource {

	private static final ConfigurationPropertyName ROOT = ConfigurationPropertyName.of("telemetry.handlers");

	/** The properties that every handler has; the others belong to its type. */
	private static final Set<String> COMMON = Set.of("type", "enabled", "min-level", "ns", "id", "kind", "when",
			"sample-rate", "rate-limit", "priority", "durable", "format", "async");

	private final Iterable<ConfigurationPropertySource> sources;

	private final Binder binder;

	HandlerPropertySource(Environment environment) {
		this.sources = ConfigurationPropertySources.get(environment);
		this.binder = Binder.get(environment);
	}

	/**
	 * The handlers that have at least one property.
	 * @return what is said of each, by name
	 */
	Map<String, HandlerProperties> handlers() {
		Map<ConfigurationPropertyName, String> names = new LinkedHashMap<>();
		for (ConfigurationPropertyName property : properties(ROOT, false)) {
			ConfigurationPropertyName handler = property.chop(ROOT.getNumberOfElements() + 1);
			String name = handler.getLastElement(Form.ORIGINAL);
			// Environment variables know no capitals and no hyphens; a file that names
			// the
			// same handler does.
			names.merge(handler, name, (first, second) -> isPlain(first) ? second : first);
		}
		Map<String, HandlerProperties> handlers = new LinkedHashMap<>();
		names.forEach((prefix, name) -> handlers.put(name, new HandlerProperties(prefix, name)));
		return handlers;
	}

	private static boolean isPlain(String name) {
		return name.chars().allMatch((character) -> Character.isDigit(character) || Character.isLowerCase(character));
	}

	private List<ConfigurationPropertyName> properties(ConfigurationPropertyName root, boolean onlyWritten) {
		UnboundElementsSourceFilter written = new UnboundElementsSourceFilter();
		List<ConfigurationPropertyName> properties = new ArrayList<>();
		for (ConfigurationPropertySource source : this.sources) {
			if (source instanceof IterableConfigurationPropertySource iterable
					&& (!onlyWritten || written.apply(source))) {
				iterable.stream().filter(root::isAncestorOf).forEach(properties::add);
			}
		}
		return properties;
	}

	/**
	 * What is said of a handler that has no properties.
	 * @param name the handler's name
	 */
	HandlerProperties none(String name) {
		// Bean names are freer than names of properties; in brackets anything goes.
		String element = ConfigurationPropertyName.isValid(name) ? name : "[" + name + "]";
		return new HandlerProperties(ROOT.append(element), name);
	}

	/**
	 * What is said of one handler.
	 */
	final class HandlerProperties {

		private final ConfigurationPropertyName prefix;

		private final String name;

		private final Set<ConfigurationPropertyName> known = new HashSet<>();

		private final Handler common;

		HandlerProperties(ConfigurationPropertyName prefix, String name) {
			this.prefix = prefix;
			this.name = name;
			this.common = isEmpty() ? new Handler() : HandlerPropertySource.this.binder.bindOrCreate(prefix,
					Bindable.of(Handler.class), new Recorder(true));
		}

		/**
		 * Whether only the name is there, as YAML's {@code file:} without anything below
		 * it has it: a handler with its defaults.
		 */
		private boolean isEmpty() {
			return "".equals(valueOf(this.prefix)) && properties(this.prefix, false).isEmpty();
		}

		String name() {
			return this.name;
		}

		Handler common() {
			return this.common;
		}

		/**
		 * What the full names of the handler's properties begin with.
		 */
		String prefix() {
			return this.prefix.toString();
		}

		/**
		 * The full name of a property.
		 * @param key the part below the handler's name
		 */
		String property(String key) {
			return this.prefix + "." + key;
		}

		/**
		 * The group of properties that has the type's name.
		 */
		<T> T group(String type, Class<T> target) {
			return HandlerPropertySource.this.binder.bindOrCreate(this.prefix.append(type), Bindable.of(target),
					new Recorder(false));
		}

		/**
		 * Refuses properties that nobody asked for.
		 * @param type the handler's type
		 */
		void refuseUnknown(String type) {
			for (ConfigurationPropertyName property : properties(this.prefix, true)) {
				if (!isKnown(property)) {
					ConfigurationPropertyName syslog = this.prefix.append(SyslogFormat.NAME);
					if (syslog.isAncestorOf(property) && !this.known.contains(syslog)) {
						throw new InvalidTelemetryConfigurationException(property.toString(), valueOf(property),
								"only the format 'syslog' has such a property",
								"Remove it, or set '" + property("format") + "' to syslog");
					}
					throw new InvalidTelemetryConfigurationException(property.toString(), valueOf(property),
							"a handler of type '" + type + "' has no such property", remedy(property));
				}
			}
		}

		private boolean isKnown(ConfigurationPropertyName property) {
			return this.known.contains(property)
					|| (property.isLastElementIndexed() && this.known.contains(property.getParent()));
		}

		private @Nullable Object valueOf(ConfigurationPropertyName property) {
			for (ConfigurationPropertySource source : HandlerPropertySource.this.sources) {
				var found = source.getConfigurationProperty(property);
				if (found != null) {
					return found.getValue();
				}
			}
			return null;
		}

		private String remedy(ConfigurationPropertyName property) {
			ConfigurationPropertyName parent = property.getParent();
			Collection<String> siblings = siblings(parent);
			while (siblings.isEmpty() && !parent.equals(this.prefix)) {
				parent = parent.getParent();
				siblings = siblings(parent);
			}
			return "Remove it, or use one of these below '" + parent + "': " + String.join(", ", siblings);
		}

		private Collection<String> siblings(ConfigurationPropertyName parent) {
			Set<String> siblings = new TreeSet<>();
			this.known.stream()
				.filter(parent::isParentOf)
				.forEach((name) -> siblings.add(name.getLastElement(Form.DASHED)));
			return siblings;
		}

		/**
		 * Notes which properties there are, whether they are set or not.
		 */
		private final class Recorder extends AbstractBindHandler {

			private final boolean commonOnly;

			Recorder(boolean commonOnly) {
				super(BindHandler.DEFAULT);
				this.commonOnly = commonOnly;
			}

			@Override
			public <T> @Nullable Bindable<T> onStart(ConfigurationPropertyName name, Bindable<T> target,
					BindContext context) {
				ConfigurationPropertyName prefix = HandlerProperties.this.prefix;
				if (this.commonOnly && prefix.isParentOf(name) && !COMMON.contains(name.getLastElement(Form.DASHED))) {
					return null;
				}
				HandlerProperties.this.known.add(name);
				return super.onStart(name, target, context);
			}

		}

	}

}
