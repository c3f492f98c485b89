package io.telemetry.boot.channel.caller;

import java.util.List;
import java.util.regex.Pattern;

import io.telemetry.boot.InvalidSettingException;

/**
 * A front end that uses the channel. Several can share a backend; each says by its key
 * which one it is.
 *
 * @param name its name, which its signals carry; empty for {@link #DEFAULT}
 * @param key what its clients send as query parameter {@value Applications#PARAMETER}.
 * Not a secret: it stands in pages
 * @param allowedOriginPatterns origins from which it may come, beside the backend's own
 */
public record Application(String name, String key, List<String> allowedOriginPatterns) {

	/** What clients belong to that send no key. */
	public static final Application DEFAULT = new Application();

	private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,64}");

	private static final Pattern KEY = Pattern.compile("[A-Za-z0-9_-]{8,128}");

	/**
	 * A front end.
	 * @throws InvalidSettingException if the name or the key is not such as described
	 */
	public Application {
		if (!(name.isEmpty() && key.isEmpty())) {
			check(name, key);
		}
		allowedOriginPatterns = List.copyOf(allowedOriginPatterns);
	}

	private Application() {
		this("", "", List.of());
	}

	private static void check(String name, String key) {
		if (!NAME.matcher(name).matches()) {
			throw new InvalidSettingException("applications", name,
					"must have names of 1 to 64 letters, digits, '.', '_' and '-'");
		}
		if (!KEY.matcher(key).matches()) {
			throw new InvalidSettingException("applications." + name + ".key", key,
					"must have 8 to 128 letters, digits, '_' and '-'");
		}
	}

	/**
	 * Whether this is what clients belong to that send no key.
	 * @return whether it has neither name nor key
	 */
	public boolean isDefault() {
		return this.key.isEmpty();
	}

}
