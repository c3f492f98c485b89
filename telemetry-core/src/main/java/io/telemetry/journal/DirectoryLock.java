package io.telemetry.journal;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

import org.jspecify.annotations.Nullable;

/**
 * Keeps a directory for one journal: the set against others in this process, the file
 * lock against other processes. The operating system frees the latter however a process
 * ends.
 */
final class DirectoryLock {

	static final String NAME = "lock";

	/** Behind what the file says, so that others can read who holds it. */
	private static final long LOCKED_BYTE = 1L << 40;

	private static final Set<Path> HELD = new HashSet<>();

	/**
	 * Files whose lock another class loader's copy of this class holds. Not closed: that
	 * would, as POSIX has it, free the other's lock.
	 */
	private static final List<RandomAccessFile> NOT_TO_CLOSE = new ArrayList<>();

	private final Path directory;

	private final Disk disk;

	private @Nullable RandomAccessFile file;

	private @Nullable Object key;

	private DirectoryLock(Path directory, Disk disk) {
		this.directory = directory;
		this.disk = disk;
	}

	/**
	 * Takes the lock.
	 * @param directory an existing directory
	 * @param disk what opens files
	 * @throws IOException if somebody else has it; the message says who
	 */
	static DirectoryLock take(Path directory, Disk disk) throws IOException {
		DirectoryLock lock = new DirectoryLock(directory.toRealPath(), disk);
		synchronized (HELD) {
			if (!HELD.add(lock.directory)) {
				throw new IOException("another journal of this process has it open");
			}
		}
		try {
			lock.lockFile();
			return lock;
		}
		catch (IOException | RuntimeException ex) {
			lock.leave();
			throw ex;
		}
	}

	private void lockFile() throws IOException {
		Path path = this.directory.resolve(NAME);
		RandomAccessFile opened = this.disk.open(path, "rw");
		try {
			FileChannel channel = opened.getChannel();
			FileLock held = channel.tryLock(LOCKED_BYTE, 1, false);
			if (held == null) {
				String holder = Files.readString(path).strip();
				throw new IOException("process " + (holder.isEmpty() ? "unknown" : holder) + " has it open");
			}
			byte[] holder = (ProcessHandle.current().pid() + "\n").getBytes(StandardCharsets.US_ASCII);
			this.disk.truncate(opened, 0);
			this.disk.write(opened, 0, holder, holder.length);
		}
		catch (OverlappingFileLockException ex) {
			synchronized (HELD) {
				NOT_TO_CLOSE.add(opened);
			}
			throw new IOException("another application of this process has it open", ex);
		}
		catch (IOException | RuntimeException ex) {
			opened.close();
			throw ex;
		}
		this.file = opened;
		this.key = this.disk.keyOf(path);
	}

	/**
	 * Whether the file that is locked is still the one in the directory.
	 */
	boolean isPresent() {
		Object now = this.disk.keyOf(this.directory.resolve(NAME));
		return this.file != null && now != null && now.equals(this.key);
	}

	/**
	 * Takes the lock anew, in the directory that was deleted and created again.
	 */
	void renew() throws IOException {
		closeFile();
		Files.createDirectories(this.directory);
		lockFile();
	}

	/**
	 * Frees the directory.
	 */
	void release() {
		try {
			closeFile();
		}
		catch (IOException ex) {
			// It is the file's last use; the lock goes with the process at the latest.
		}
		leave();
	}

	private void leave() {
		synchronized (HELD) {
			HELD.remove(this.directory);
		}
	}

	private void closeFile() throws IOException {
		RandomAccessFile open = this.file;
		this.file = null;
		if (open != null) {
			open.close();
		}
	}

}
