package io.telemetry.journal;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Locale;

import org.jspecify.annotations.Nullable;

/**
 * What the journal does to files. A class of its own so that tests can let it fail.
 * <p>
 * Files are no channels: those close themselves when the thread that uses them is
 * interrupted, and the threads here are the application's.
 */
class Disk {

	/** More at once makes {@code RandomAccessFile} allocate memory for every call. */
	private static final int SLICE = 1 << 16;

	RandomAccessFile open(Path path, String mode) throws IOException {
		return new RandomAccessFile(path.toFile(), mode);
	}

	void write(RandomAccessFile file, long position, byte[] bytes, int length) throws IOException {
		file.seek(position);
		for (int from = 0; from < length; from += SLICE) {
			file.write(bytes, from, Math.min(SLICE, length - from));
		}
	}

	int read(RandomAccessFile file, long position, byte[] target, int length) throws IOException {
		file.seek(position);
		int read = 0;
		while (read < length) {
			int more = file.read(target, read, length - read);
			if (more < 0) {
				break;
			}
			read += more;
		}
		return read;
	}

	void sync(RandomAccessFile file) throws IOException {
		file.getFD().sync();
	}

	void truncate(RandomAccessFile file, long length) throws IOException {
		file.setLength(length);
	}

	void delete(Path path) throws IOException {
		Files.deleteIfExists(path);
	}

	/**
	 * Makes what was created and deleted in a directory last. Only Unix can, and needs
	 * it.
	 */
	void syncDirectory(Path directory) throws IOException {
		FileChannel channel;
		try {
			channel = FileChannel.open(directory, StandardOpenOption.READ);
		}
		catch (NoSuchFileException ex) {
			throw ex;
		}
		catch (IOException ex) {
			// Windows does not open directories.
			return;
		}
		try (channel) {
			channel.force(true);
		}
	}

	/**
	 * Which file is at a path.
	 * @param path the path
	 * @return what tells it from others; where the file system has no such keys, the path
	 * itself; {@code null} if there is none
	 */
	@Nullable Object keyOf(Path path) {
		try {
			Object key = Files.readAttributes(path, BasicFileAttributes.class).fileKey();
			return (key != null) ? key : path;
		}
		catch (IOException ex) {
			return null;
		}
	}

	/**
	 * Whether a failure means that there is no room.
	 * @param failure what a write met
	 * @param directory where it wrote
	 * @param bytes how much
	 */
	boolean isFull(IOException failure, Path directory, long bytes) {
		String message = String.valueOf(failure.getMessage()).toLowerCase(Locale.ROOT);
		if (message.contains("no space left") || message.contains("quota exceeded")
				|| message.contains("not enough space")) {
			return true;
		}
		// The message may be in any language.
		try {
			return Files.getFileStore(directory).getUsableSpace() < bytes;
		}
		catch (IOException ex) {
			return false;
		}
	}

}
