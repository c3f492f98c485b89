package io.telemetry.boot.autoconfigure.context;

import java.util.ArrayList;
import java.util.List;

import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * Properties of the context of signals. A misspelt one stops the start.
 */
@ConfigurationProperties(prefix = ContextProperties.PREFIX, ignoreUnknownFields = false)
public class ContextProperties {

	static final String PREFIX = "telemetry.context";

	/**
	 * Whether tasks of auto-configured executors run in the context of whoever handed
	 * them in.
	 */
	private boolean propagate = true;

	private final Mdc mdc = new Mdc();

	public boolean isPropagate() {
		return this.propagate;
	}

	public void setPropagate(boolean propagate) {
		this.propagate = propagate;
	}

	public Mdc getMdc() {
		return this.mdc;
	}

	/**
	 * SLF4J's MDC.
	 */
	public static class Mdc {

		/**
		 * Keys of the MDC that are added to the context of signals, each one named.
		 */
		private List<String> read = new ArrayList<>();

		/**
		 * Fields of the context that are written into the MDC while they are current. A
		 * "*" alone stands for all.
		 */
		private List<String> write = new ArrayList<>();

		public List<String> getRead() {
			return this.read;
		}

		public void setRead(List<String> read) {
			this.read = read;
		}

		public List<String> getWrite() {
			return this.write;
		}

		public void setWrite(List<String> write) {
			this.write = write;
		}

	}

}
