package io.telemetry.boot.browser;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * One file of the client, read once.
 *
 * @param name its name below the channel's path
 * @param contentType what the browser is told it is
 * @param content its bytes
 * @param etag a strong tag made from the content
 * @param integrity the value for the {@code integrity} attribute of a script tag
 */
record ClientFile(String name, String contentType, byte[] content, String etag, String integrity) {

	private static final String SCRIPT = "text/javascript;charset=UTF-8";

	private static final String JSON = "application/json";

	/** The names there are; nothing a request holds becomes part of a path. */
	private static final Map<String, String> TYPES = Map.of("client.js", SCRIPT, "client.js.map", JSON, "client.mjs",
			SCRIPT, "client.mjs.map", JSON, "on-request.mjs", SCRIPT, "on-request.mjs.map", JSON, "client.d.ts",
			"text/plain;charset=UTF-8");

	/**
	 * The files that the library holds.
	 * @return files by name
	 */
	static Map<String, ClientFile> all() {
		Map<String, ClientFile> files = new LinkedHashMap<>();
		TYPES.forEach((name, type) -> {
			ClientFile file = read(name, type);
			if (file != null) {
				files.put(name, file);
			}
		});
		return Map.copyOf(files);
	}

	private static @Nullable ClientFile read(String name, String type) {
		try (InputStream in = ClientFile.class.getResourceAsStream(name)) {
			if (in == null) {
				return null;
			}
			byte[] content = in.readAllBytes();
			byte[] hash = hash(content);
			return new ClientFile(name, type, content, etag(hash),
					"sha384-" + Base64.getEncoder().encodeToString(hash));
		}
		catch (IOException ex) {
			throw new UncheckedIOException("Can't read " + name + " from the library's own jar", ex);
		}
	}

	/**
	 * What stands for a content.
	 */
	static byte[] hash(byte[] content) {
		try {
			return MessageDigest.getInstance("SHA-384").digest(content);
		}
		catch (NoSuchAlgorithmException ex) {
			throw new IllegalStateException("This Java platform lacks SHA-384", ex);
		}
	}

	/**
	 * A strong tag made from a hash.
	 */
	static String etag(byte[] hash) {
		return "\"" + Base64.getUrlEncoder().withoutPadding().encodeToString(hash).substring(0, 32) + "\"";
	}

}
