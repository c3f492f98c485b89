package io.telemetry.handler.file;

import java.nio.file.FileSystems;
import java.nio.file.Path;

/**
 * Where and how a {@link FileHandler} writes. Made by {@link #of} and the {@code with}
 * methods, so that options may be added.
 *
 * @param path the file; directories above it are created
 */
public record FileOptions(Path path) {

	/**
	 * Checks the options.
	 * @throws IllegalArgumentException if the path is not in the default file system
	 */
	public FileOptions {
		if (path.getFileSystem() != FileSystems.getDefault()) {
			throw new IllegalArgumentException(
					"path must be in the default file system, not '" + path + "' in " + path.getFileSystem());
		}
	}

	/**
	 * The defaults for a file.
	 * @param path the file; directories above it are created
	 * @return the options
	 */
	public static FileOptions of(Path path) {
		return new FileOptions(path);
	}

	/**
	 * A copy for another file.
	 * @param path the file
	 * @return the copy
	 */
	public FileOptions withPath(Path path) {
		return new FileOptions(path);
	}

}
