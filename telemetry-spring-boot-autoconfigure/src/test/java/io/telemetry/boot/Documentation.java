package io.telemetry.boot;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The examples of the documentation.
 */
public final class Documentation {

	private static final Path DIRECTORY = Path.of("..", "docs");

	private Documentation() {
	}

	/**
	 * The blocks of a page in one language.
	 */
	public static List<String> blocks(String page, String language) throws IOException {
		String text = Files.readString(DIRECTORY.resolve(page));
		return Pattern.compile("^```" + language + "\n(.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL)
			.matcher(text)
			.results()
			.map((match) -> match.group(1))
			.toList();
	}

}
