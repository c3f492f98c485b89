package io.telemetry.boot.autoconfigure;

import java.util.LinkedHashMap;
import java.util.Map;

import io.telemetry.sampling.SampleBy;
import io.telemetry.signal.Kind;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.NestedConfigurationProperty;

/**
 * Properties of what the pipeline lets through before any handler is asked. A misspelt
 * one stops the start: it would let through what was not to be.
 */
@ConfigurationProperties(prefix = "telemetry.filter", ignoreUnknownFields = false)
public class TelemetryFilterProperties {

	/**
	 * Lowest level that is let through, by name or number, where neither a namespace nor
	 * a kind has one of its own.
	 */
	private String minLevel = "trace";

	/**
	 * Lowest level by namespace pattern, written as "[com.acme.*]". Of several that match
	 * the one with the longest literal prefix counts.
	 */
	private final Map<String, String> levels = new LinkedHashMap<>();

	/**
	 * Lowest level by kind.
	 */
	private final Map<Kind, String> kindLevels = new LinkedHashMap<>();

	@NestedConfigurationProperty
	private final NamePatternsProperties ns = new NamePatternsProperties();

	@NestedConfigurationProperty
	private final NamePatternsProperties id = new NamePatternsProperties();

	@NestedConfigurationProperty
	private final KindsProperties kind = new KindsProperties();

	/**
	 * Expression that has to be true of what is let through, such as "level >= warn or
	 * data.amount > 100".
	 */
	private @Nullable String when;

	/**
	 * Share of signals that goes on, from 0 to 1.
	 */
	private double sampleRate = 1;

	private final Samples samples = new Samples();

	/**
	 * What decides whether a signal is sampled: chance, anew for each, or its trace or
	 * session, of which then all signals go on or none.
	 */
	private SampleBy sampleBy = SampleBy.CHANCE;

	private final RateLimits rateLimits = new RateLimits();

	public String getMinLevel() {
		return this.minLevel;
	}

	public void setMinLevel(String minLevel) {
		this.minLevel = minLevel;
	}

	public Map<String, String> getLevels() {
		return this.levels;
	}

	public Map<Kind, String> getKindLevels() {
		return this.kindLevels;
	}

	public NamePatternsProperties getNs() {
		return this.ns;
	}

	public NamePatternsProperties getId() {
		return this.id;
	}

	public KindsProperties getKind() {
		return this.kind;
	}

	public @Nullable String getWhen() {
		return this.when;
	}

	public void setWhen(@Nullable String when) {
		this.when = when;
	}

	public double getSampleRate() {
		return this.sampleRate;
	}

	public void setSampleRate(double sampleRate) {
		this.sampleRate = sampleRate;
	}

	public Samples getSamples() {
		return this.samples;
	}

	public SampleBy getSampleBy() {
		return this.sampleBy;
	}

	public void setSampleBy(SampleBy sampleBy) {
		this.sampleBy = sampleBy;
	}

	public RateLimits getRateLimits() {
		return this.rateLimits;
	}

	/**
	 * Shares of some signals. They multiply with each other and with the share of all.
	 */
	public static class Samples {

		/**
		 * Share that goes on by namespace pattern, written as "[com.acme.*]", from 0 to
		 * 1. Of several that match the one with the longest literal prefix counts.
		 */
		private final Map<String, @Nullable Double> ns = new LinkedHashMap<>();

		/**
		 * Share that goes on by id pattern, written as "[shop/*]", from 0 to 1. Of
		 * several that match the one with the longest literal prefix counts.
		 */
		private final Map<String, @Nullable Double> id = new LinkedHashMap<>();

		public Map<String, @Nullable Double> getNs() {
			return this.ns;
		}

		public Map<String, @Nullable Double> getId() {
			return this.id;
		}

	}

	/**
	 * How many signals go on in a time. Each name has a budget of its own.
	 */
	public static class RateLimits {

		/**
		 * Rate limit by namespace pattern, written as "[com.acme.*]": windows such as
		 * "5/1m, 100/1h" that hold at once. Of several patterns that match the one with
		 * the longest literal prefix counts.
		 */
		private final Map<String, String> ns = new LinkedHashMap<>();

		/**
		 * Rate limit by id pattern, written as "[shop/*]": windows such as "5/1m, 100/1h"
		 * that hold at once. Of several patterns that match the one with the longest
		 * literal prefix counts.
		 */
		private final Map<String, String> id = new LinkedHashMap<>();

		public Map<String, String> getNs() {
			return this.ns;
		}

		public Map<String, String> getId() {
			return this.id;
		}

	}

}
