package io.telemetry.boot.autoconfigure;

import io.telemetry.pipeline.PipelineSettings.Locations;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * Properties of telemetry as a whole.
 */
@ConfigurationProperties("telemetry")
public class TelemetryProperties {

	/**
	 * Whether telemetry works. Without it a Telemetry can still be injected, and makes
	 * nothing.
	 */
	private boolean enabled = true;

	/**
	 * Which signals tell the place in the source that made them: none (off), those from
	 * level error on (errors), or all (always), which costs about a microsecond each.
	 */
	private Locations locations = Locations.ERRORS;

	private final Service service = new Service();

	private final Recent recent = new Recent();

	public boolean isEnabled() {
		return this.enabled;
	}

	public void setEnabled(boolean enabled) {
		this.enabled = enabled;
	}

	public Locations getLocations() {
		return this.locations;
	}

	public void setLocations(Locations locations) {
		this.locations = locations;
	}

	public Service getService() {
		return this.service;
	}

	public Recent getRecent() {
		return this.recent;
	}

	/**
	 * Who speaks.
	 */
	public static class Service {

		/**
		 * Name of the application. Without it spring.application.name is taken.
		 */
		private @Nullable String name;

		/**
		 * Version of the application. Without it the build information is asked.
		 */
		private @Nullable String version;

		/**
		 * Where the application is deployed, such as prod.
		 */
		private @Nullable String environment;

		/**
		 * Which of several running copies this one is.
		 */
		private @Nullable String instance;

		/**
		 * Where in the world the application runs.
		 */
		private @Nullable String region;

		public @Nullable String getName() {
			return this.name;
		}

		public void setName(@Nullable String name) {
			this.name = name;
		}

		public @Nullable String getVersion() {
			return this.version;
		}

		public void setVersion(@Nullable String version) {
			this.version = version;
		}

		public @Nullable String getEnvironment() {
			return this.environment;
		}

		public void setEnvironment(@Nullable String environment) {
			this.environment = environment;
		}

		public @Nullable String getInstance() {
			return this.instance;
		}

		public void setInstance(@Nullable String instance) {
			this.instance = instance;
		}

		public @Nullable String getRegion() {
			return this.region;
		}

		public void setRegion(@Nullable String region) {
			this.region = region;
		}

	}

	/**
	 * Recent signals, kept for Actuator.
	 */
	public static class Recent {

		/**
		 * Number of recent signals that are kept in memory, the oldest making room. Zero
		 * keeps none.
		 */
		private int size = 500;

		public int getSize() {
			return this.size;
		}

		public void setSize(int size) {
			this.size = size;
		}

	}

}
