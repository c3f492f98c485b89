package io.telemetry.handler.file;

import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.zip.GZIPOutputStream;

import io.telemetry.handler.file.FileOptions.Retention;
import io.telemetry.handler.file.FileOptions.Rotation.Interval;
import io.telemetry.handler.file.PathTemplate.Found;

/**
 * Compresses files that ended and deletes those that are too many, apart from whoever
 * writes. What it finds is what there is: it keeps nothing in mind, so what a process
 * left undone that died is done by the next.
 * <p>
 * A file is compressed under a lock on it, into another that gets its name when it is
 * whole. Several processes may do so in one directory.
 */
final class Housekeeper {

	private static final int BLOCK = 64 << 10;

	private final PathTemplate template;

	private final FileOptions options;

	private final LongSupplier clock;

	private final LongSupplier nanoTime;

	private final long startedAt;

	private final long startedAtNanos;

	private final Predicate<Path> open;

	private final LogFile.Events events;

	/**
	 * A housekeeper.
	 * @param open whether a file is open for writing in this handler
	 * @param events told of what can't be done
	 */
	Housekeeper(PathTemplate template, FileOptions options, LongSupplier clock, LongSupplier nanoTime,
			Predicate<Path> open, LogFile.Events events) {
		this.template = template;
		this.options = options;
		this.clock = clock;
		this.nanoTime = nanoTime;
		this.startedAt = clock.getAsLong();
		this.startedAtNanos = nanoTime.getAsLong();
		this.open = open;
		this.events = events;
	}

	/**
	 * Does what there is to do, until it is done or the thread is interrupted.
	 */
	void run() {
		try {
			for (Entry entry : scan()) {
				if (Thread.currentThread().isInterrupted()) {
					return;
				}
				tend(entry);
			}
			delete();
		}
		catch (IOException ex) {
			this.events.failed("Can't look through '" + this.template.root() + "'", ex);
		}
	}

	private List<Entry> scan() throws IOException {
		List<Entry> entries = new ArrayList<>();
		if (!Files.isDirectory(this.template.root())) {
			return entries;
		}
		Files.walkFileTree(this.template.root(), EnumSet.noneOf(FileVisitOption.class), this.template.depth(),
				new SimpleFileVisitor<>() {

					@Override
					public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
						Found found = attributes.isRegularFile() ? Housekeeper.this.template.match(file) : null;
						if (found != null) {
							entries.add(new Entry(found, attributes.size(), attributes.lastModifiedTime()));
						}
						return FileVisitResult.CONTINUE;
					}

					@Override
					public FileVisitResult visitFileFailed(Path file, IOException ex) {
						// Deleted meanwhile, or a directory that is nobody's business.
						return FileVisitResult.CONTINUE;
					}

				});
		return entries;
	}

	private void tend(Entry entry) {
		boolean compress = this.options.compress();
		Path path = entry.path();
		try {
			switch (entry.found().state()) {
				case LIVE -> {
					if (compress && isLeft(entry)) {
						compressLeft(path, stamp(entry));
					}
				}
				case ENDED -> {
					if (compress) {
						compress(path);
					}
				}
				case TEMPORARY -> {
					if (!compress || !Files.exists(Path.of(path.toString().replaceFirst("\\.gz\\.tmp$", "")))) {
						Files.deleteIfExists(path);
					}
				}
				case COMPRESSED -> {
				}
			}
		}
		catch (ClosedByInterruptException | NoSuchFileException ex) {
			// The handler closes, or another process was faster.
		}
		catch (IOException ex) {
			this.events.failed("Can't compress '" + path + "'", ex);
		}
	}

	/**
	 * Whether nobody will write to a file any more, though it still has the name under
	 * which it was written to: that of another day, or of a session without a signal
	 * today.
	 */
	private boolean isLeft(Entry entry) {
		if (this.options.rotation().interval() == Interval.NONE || this.open.test(entry.path())
				|| !(this.template.isDated() || this.template.isPerSession())) {
			return false;
		}
		return stamp(entry).compareTo(stamp(this.clock.getAsLong())) < 0;
	}

	private String stamp(Entry entry) {
		return this.template.isDated() ? entry.found().date() : stamp(entry.modified().toMillis());
	}

	private String stamp(long time) {
		return TimeSlot.of(this.options.rotation().interval(), this.options.zone(), time).stamp();
	}

	/**
	 * Takes a file away from whoever may still want to write to it, and compresses it.
	 */
	private void compressLeft(Path path, String stamp) throws IOException {
		Path ended;
		try (FileChannel file = FileChannel.open(path, StandardOpenOption.WRITE);
				FileLock lock = LogFile.tryLock(file)) {
			if (lock == null
					|| !this.template.isDated() && !stamp.equals(stamp(Files.getLastModifiedTime(path).toMillis()))) {
				return;
			}
			ended = LogFile.nextEnded(this.template, path, stamp);
			Files.move(path, ended);
		}
		compress(ended);
	}

	private static void compress(Path path) throws IOException {
		Path compressed = path.resolveSibling(path.getFileName() + ".gz");
		Path temporary = path.resolveSibling(path.getFileName() + ".gz.tmp");
		try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
				FileLock lock = LogFile.tryLock(file)) {
			if (lock == null) {
				return;
			}
			// If it is there, a process died between the last two steps: it is whole.
			if (!Files.exists(compressed)) {
				FileTime modified = Files.getLastModifiedTime(path);
				try {
					copy(file, temporary);
					Files.setLastModifiedTime(temporary, modified);
					Files.move(temporary, compressed, StandardCopyOption.ATOMIC_MOVE);
				}
				finally {
					Files.deleteIfExists(temporary);
				}
			}
			Files.deleteIfExists(path);
		}
	}

	/**
	 * Compresses what is read through the channel that holds the lock: another would end
	 * the lock when it is closed.
	 */
	private static void copy(FileChannel from, Path to) throws IOException {
		ByteBuffer block = ByteBuffer.allocate(BLOCK);
		try (FileOutputStream file = new FileOutputStream(to.toFile());
				GZIPOutputStream out = new GZIPOutputStream(file, BLOCK)) {
			while (from.read(block) >= 0) {
				out.write(block.array(), 0, block.position());
				block.clear();
			}
			out.finish();
			file.getFD().sync();
		}
	}

	private void delete() throws IOException {
		Retention retention = this.options.retention();
		if (retention.equals(Retention.UNLIMITED)) {
			return;
		}
		List<Entry> entries = scan();
		entries.removeIf((entry) -> entry.found().state() == Found.State.TEMPORARY);
		entries.sort(Comparator.comparing(Entry::modified).thenComparing((entry) -> entry.found().index()));
		long count = entries.size();
		long total = entries.stream().mapToLong(Entry::size).sum();
		long maxAge = TimeUnit.MILLISECONDS.convert(retention.maxAge());
		long now = safeNow();
		for (Entry entry : entries) {
			boolean tooOld = now - entry.modified().toMillis() > maxAge;
			if (!tooOld && count <= retention.maxFiles() && total <= retention.maxTotalSize()) {
				continue;
			}
			if (!isNeeded(entry) && delete(entry.path())) {
				count--;
				total -= entry.size();
			}
		}
	}

	/**
	 * What time it is, or would be had the clock not jumped ahead since this process
	 * began: a clock that is wrong for a moment must not cost all files.
	 */
	private long safeNow() {
		long ran = TimeUnit.NANOSECONDS.toMillis(this.nanoTime.getAsLong() - this.startedAtNanos);
		return Math.min(this.clock.getAsLong(), this.startedAt + ran);
	}

	/**
	 * Whether a file is being written to, here or by another process.
	 */
	private boolean isNeeded(Entry entry) {
		if (entry.found().state() != Found.State.LIVE) {
			return false;
		}
		if (this.template.isPerSession()) {
			return this.open.test(entry.path());
		}
		return !this.template.isDated() || entry.found().date().compareTo(stamp(this.clock.getAsLong())) >= 0;
	}

	private boolean delete(Path path) {
		try {
			Files.deleteIfExists(path);
			Path directory = path.getParent();
			while (directory != null && !directory.equals(this.template.root())) {
				Files.delete(directory);
				directory = directory.getParent();
			}
			return true;
		}
		catch (DirectoryNotEmptyException | NoSuchFileException ex) {
			return true;
		}
		catch (IOException ex) {
			this.events.failed("Can't delete '" + path + "', which is more than is to be kept", ex);
			return false;
		}
	}

	/**
	 * One of the handler's files, as it was when looked at.
	 */
	private record Entry(Found found, long size, FileTime modified) {

		Path path() {
			return this.found.path();
		}

	}

}
