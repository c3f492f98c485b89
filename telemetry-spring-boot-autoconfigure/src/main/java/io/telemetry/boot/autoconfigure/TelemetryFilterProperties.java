package io.telemetry.boot.autoconfigure;

import java.util.LinkedHashMap;
import java.util.Map;

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

}
