package io.telemetry.boot.channel.fault;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import org.junit.jupiter.api.Assumptions;

/**
 * A file system of its own with little space, as the core's tests have. Where this user
 * may not mount one, which no package mends, a test is skipped visibly. Where it fails
 * for another reason it is so as well, or fails when
 * {@code -Dtelemetry.test.required=all} asks for it.
 */
final class SmallDisk {

	private final Path directory;

	private SmallDisk(Path directory) {
		this.directory = directory;
	}

	/**
	 * Mounts one.
	 * @param directory where; created
	 * @param size such as {@code 1m}
	 */
	public static SmallDisk mount(Path directory, String size) throws Exception {
		Files.createDirectories(directory);
		String failure;
		try {
			failure = run("mount", "-t", "tmpfs", "-o", "size=" + size, "tmpfs", directory.toString());
		}
		catch (IOException ex) {
			failure = ex.toString();
		}
		if (failure.isEmpty()) {
			return new SmallDisk(directory);
		}
		boolean mayNot = failure.contains("permission denied") || failure.contains("not permitted")
				|| failure.contains("superuser");
		if (!mayNot && "all".equals(System.getProperty("telemetry.test.required"))) {
			throw new IllegalStateException(
					"A file system of its own is required and could not be mounted: " + failure);
		}
		return Assumptions.abort("No file system could be mounted: " + failure);
	}

	public Path directory() {
		return this.directory;
	}

	public void remount(String option) throws Exception {
		String failure = run("mount", "-o", "remount," + option, this.directory.toString());
		if (!failure.isEmpty()) {
			throw new IllegalStateException(failure);
		}
	}

	private static String run(String... command) throws IOException, InterruptedException {
		Process process = start(command);
		String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
		int status = process.waitFor();
		return (status != 0) ? "status " + status + " " + output : "";
	}

	private static Process start(String... command) throws IOException {
		ProcessBuilder builder = new ProcessBuilder(List.of(command)).redirectErrorStream(true);
		builder.environment().put("LC_ALL", "C");
		return builder.start();
	}

	public void unmount() throws Exception {
		// Lazily, because whatever a failed test still has open must not keep it.
		run("umount", "-l", this.directory.toString());
	}

}
