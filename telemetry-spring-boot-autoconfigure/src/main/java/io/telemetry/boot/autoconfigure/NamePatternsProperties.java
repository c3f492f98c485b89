package io.telemetry.boot.autoconfigure;

import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * Which names are wanted. Disallow beats allow.
 */
public class NamePatternsProperties {

	/**
	 * Patterns of which a name has to match one, where "*" stands for anything. Without
	 * any, every name is allowed.
	 */
	private @Nullable List<String> allow;

	/**
	 * Patterns of which a name must match none.
	 */
	private @Nullable List<String> disallow;

	public @Nullable List<String> getAllow() {
		return this.allow;
	}

	public void setAllow(@Nullable List<String> allow) {
		this.allow = allow;
	}

	public @Nullable List<String> getDisallow() {
		return this.disallow;
	}

	public void setDisallow(@Nullable List<String> disallow) {
		this.disallow = disallow;
	}

}
