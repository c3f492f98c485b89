package io.telemetry.boot.autoconfigure;

import java.util.Set;

import io.telemetry.signal.Kind;
import org.jspecify.annotations.Nullable;

/**
 * Which kinds of signals are wanted. Disallow beats allow.
 */
public class KindsProperties {

	/**
	 * Kinds that are allowed. Without any, every kind is.
	 */
	private @Nullable Set<Kind> allow;

	/**
	 * Kinds that are refused.
	 */
	private @Nullable Set<Kind> disallow;

	public @Nullable Set<Kind> getAllow() {
		return this.allow;
	}

	public void setAllow(@Nullable Set<Kind> allow) {
		this.allow = allow;
	}

	public @Nullable Set<Kind> getDisallow() {
		return this.disallow;
	}

	public void setDisallow(@Nullable Set<Kind> disallow) {
		this.disallow = disallow;
	}

}
