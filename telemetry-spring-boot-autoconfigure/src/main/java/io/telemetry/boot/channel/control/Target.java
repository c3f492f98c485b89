package io.telemetry.boot.channel.control;

import java.util.Locale;

import io.telemetry.boot.InvalidSettingException;
import io.telemetry.boot.channel.ConnectedClient;

/**
 * Whom something is said to. Made by {@link #all()}, {@link #application(String)},
 * {@link #user(String)} and {@link #session(String)}.
 *
 * @param scope how many that are
 * @param name which one; empty for all
 */
public record Target(Scope scope, String name) {

	/** The longest name. */
	public static final int MAX_NAME_LENGTH = 512;

	private static final Target ALL = new Target(Scope.ALL, "");

	/**
	 * A target.
	 * @throws InvalidSettingException if the name is empty where there has to be one, or
	 * longer than {@link #MAX_NAME_LENGTH}
	 */
	public Target {
		if (name.isEmpty() != (scope == Scope.ALL) || name.length() > MAX_NAME_LENGTH) {
			throw new InvalidSettingException(scope.toString(), name,
					(scope == Scope.ALL) ? "must have no name" : "must have 1 to " + MAX_NAME_LENGTH + " characters");
		}
	}

	/**
	 * All clients.
	 * @return the target
	 */
	public static Target all() {
		return ALL;
	}

	/**
	 * The clients of one front end.
	 * @param name the name it has in {@code telemetry.channel.applications}
	 * @return the target
	 */
	public static Target application(String name) {
		return new Target(Scope.APPLICATION, name);
	}

	/**
	 * The clients of one user.
	 * @param id the user, as CONNECTED tells
	 * @return the target
	 */
	public static Target user(String id) {
		return new Target(Scope.USER, id);
	}

	/**
	 * The clients of one session: a browser tab.
	 * @param id the session
	 * @return the target
	 */
	public static Target session(String id) {
		return new Target(Scope.SESSION, id);
	}

	/**
	 * Whether a client is meant.
	 * @param client the client
	 * @return whether it is one of them
	 */
	public boolean matches(ConnectedClient client) {
		return switch (this.scope) {
			case ALL -> true;
			case APPLICATION -> this.name.equals(client.application());
			case USER -> this.name.equals(client.userId());
			case SESSION -> this.name.equals(client.sessionId());
		};
	}

	@Override
	public String toString() {
		return (this.scope == Scope.ALL) ? this.scope.toString() : this.scope + " '" + this.name + "'";
	}

	/**
	 * How many are meant. What is said to fewer counts more.
	 */
	public enum Scope {

		/** All clients. */
		ALL,

		/** Those of one front end. */
		APPLICATION,

		/** Those of one user. */
		USER,

		/** Those of one session. */
		SESSION;

		@Override
		public String toString() {
			return name().toLowerCase(Locale.ROOT);
		}

	}

}
