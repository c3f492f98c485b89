package io.telemetry.handler.file;

import java.io.Closeable;
import java.io.File;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.ZoneId;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

import io.telemetry.encode.Framing;
import io.telemetry.encode.Lines;
import io.telemetry.handler.file.FileOptions.Rotation;
import io.telemetry.handler.file.FileOptions.Rotation.Interval;
import io.telemetry.handler.file.FileOptions.Sync;
import io.telemetry.handler.file.PathTemplate.Found;
import org.jspecify.annotations.Nullable;

/**
 * One file that is written to, and after it the next of the same name. Not safe for
 * several threads; several of these, in one process or in several, may write to one path.
 * <p>
 * Everything happens under a lock of the operating system on the file: looking whether
 * the file is still the one at the path, repairing and cutting, renaming and writing. So
 * whoever has the lock of a file that stands at the path is the only one who changes it,
 * and a file that was renamed is never written to again. The lock ends with the process,
 * however that ends.
 */
final class LogFile implements Closeable {

	/**
	 * What is locked: a byte that no file has, because on some systems what is locked
	 * can't be read by others.
	 */
	private static final long LOCKED_BYTE = Long.MAX_VALUE - 1;

	private static final long MAX_LOCK_PAUSE = TimeUnit.MILLISECONDS.toNanos(2);

	private static final long LOCK_PATIENCE = TimeUnit.SECONDS.toNanos(5);

	/** So often a file may be replaced while it is opened. */
	private static final int ATTEMPTS = 100;

	/** How long a file that can't be renamed is left alone, and grows. */
	private static final long ROTATION_PAUSE = TimeUnit.MINUTES.toNanos(1);

	/** A longer piece without a line end is none of a line that was being written. */
	private static final int MAX_TORN = 16 << 20;

	private static final boolean RENAMES_OPEN_FILES = File.separatorChar == '/';

	/** What stands for the key of a file that is not there. */
	private static final Object NONE = new Object();

	/** What stands for the key of a file that may not be the one at the path. */
	private static final Object UNKNOWN = new Object();

	private final PathTemplate template;

	private final Framing framing;

	private final @Nullable String session;

	private final Rotation rotation;

	private final ZoneId zone;

	/** Whether a file is forced onto the disk before another takes its place. */
	private final boolean syncsEnded;

	private final LongSupplier clock;

	private final LongSupplier nanoTime;

	private final Events events;

	private TimeSlot slot;

	private Path path;

	/**
	 * Not a channel: those close themselves when the thread that uses them is
	 * interrupted, and the threads here are the application's. {@code null} until it is
	 * needed, and after a failure.
	 */
	private @Nullable RandomAccessFile file;

	/** Which file was opened; {@code null} where the file system has no such keys. */
	private @Nullable Object fileKey;

	/** Whether nobody has looked at the file since it was opened. */
	private boolean fresh;

	private boolean dirty;

	private boolean rotationFailed;

	private long rotationFailedAt;

	/**
	 * A file that is opened when it is first needed.
	 * @param clock what time it is, in milliseconds since the epoch
	 * @param nanoTime a clock that never jumps
	 */
	LogFile(PathTemplate template, @Nullable String session, FileOptions options, Framing framing, LongSupplier clock,
			LongSupplier nanoTime, Events events) {
		this.framing = framing;
		this.template = template;
		this.session = session;
		this.rotation = options.rotation();
		this.zone = options.zone();
		this.syncsEnded = !(options.sync() instanceof Sync.AtEnd);
		this.clock = clock;
		this.nanoTime = nanoTime;
		this.events = events;
		this.slot = slot(clock.getAsLong());
		this.path = template.live(this.slot.stamp(), session);
	}

	private TimeSlot slot(long time) {
		return TimeSlot.of(this.rotation.interval(), this.zone, time);
	}

	Path path() {
		return this.path;
	}

	/**
	 * Creates the file where there is none, and repairs it where it needs that.
	 */
	void prepare() throws IOException {
		append(null, 0);
	}

	/**
	 * Appends as many lines as the file takes before the next one begins, one at least,
	 * in one write. If that fails the file is cut back to where the lines began.
	 * @param lines the lines, or {@code null} for none
	 * @param from how many of them are written already
	 * @return how many of them are written now
	 * @throws IOException if none could be written
	 */
	int append(@Nullable Lines lines, int from) throws IOException {
		for (int i = 0; i < ATTEMPTS; i++) {
			moveOn();
			RandomAccessFile target = open();
			FileLock lock = lock(target);
			try {
				if (isReplaced()) {
					giveUp();
					continue;
				}
				if (this.fresh) {
					lookAt(target);
				}
				if (lines == null) {
					return 0;
				}
				long length = target.length();
				int to = isOver(length) ? from : fitting(lines, from, length);
				if (to == from) {
					if (rotate()) {
						continue;
					}
					to = lines.count();
				}
				write(target, length, lines, lines.size(from), lines.size(to));
				return to;
			}
			finally {
				if (lock != null && lock.isValid()) {
					lock.release();
				}
			}
		}
		throw new IOException("it is deleted or replaced again and again");
	}

	/**
	 * Where the path has a date: leaves the file of a time that is over.
	 */
	private void moveOn() throws IOException {
		if (this.template.isDated()) {
			long now = this.clock.getAsLong();
			if (this.slot.isOver(now)) {
				leave();
				this.slot = slot(now);
				this.path = this.template.live(this.slot.stamp(), this.session);
				this.events.ended();
			}
		}
	}

	private RandomAccessFile open() throws IOException {
		RandomAccessFile current = this.file;
		if (current != null) {
			return current;
		}
		Path parent = this.path.getParent();
		if (parent != null && !Files.isDirectory(parent)) {
			Files.createDirectories(parent);
		}
		Object before = key();
		RandomAccessFile opened = new RandomAccessFile(this.path.toFile(), "rw");
		this.file = opened;
		// Somebody may rename the file between two of these steps. Only a key that was
		// the
		// same before and after tells which file was opened; a file that was just created
		// is opened once more.
		Object after = key();
		this.fileKey = Objects.equals(before, after) ? before : UNKNOWN;
		this.fresh = true;
		return opened;
	}

	/**
	 * Which file stands at the path.
	 * @return {@link #NONE} if there is none that can be seen, and {@code null} where the
	 * file system has no keys
	 */
	private @Nullable Object key() {
		try {
			return Files.readAttributes(this.path, BasicFileAttributes.class).fileKey();
		}
		catch (IOException ex) {
			return NONE;
		}
	}

	/**
	 * Waits for the lock.
	 * @return {@code null} where the file system knows no locks
	 * @throws IOException if others keep it
	 */
	private static @Nullable FileLock lock(RandomAccessFile file) throws IOException {
		long waited = 0;
		long pause = TimeUnit.MICROSECONDS.toNanos(20);
		boolean interrupted = false;
		try {
			while (waited < LOCK_PATIENCE) {
				FileLock lock;
				try {
					lock = tryLock(file.getChannel());
				}
				catch (IOException ex) {
					return null;
				}
				if (lock != null) {
					return lock;
				}
				// Nobody could wait whose interrupt is pending.
				interrupted |= Thread.interrupted();
				LockSupport.parkNanos(file, pause);
				waited += pause;
				pause = Math.min(2 * pause, MAX_LOCK_PAUSE);
			}
			throw new IOException("somebody else has kept it locked for seconds");
		}
		finally {
			if (interrupted) {
				Thread.currentThread().interrupt();
			}
		}
	}

	/**
	 * Takes the lock, without waiting: unlike waiting, that does not close the channel
	 * where the thread is interrupted.
	 * @return {@code null} if somebody else has it
	 * @throws IOException if the file system knows no locks
	 */
	static @Nullable FileLock tryLock(FileChannel file) throws IOException {
		try {
			return file.tryLock(LOCKED_BYTE, 1, false);
		}
		catch (OverlappingFileLockException ex) {
			// Somebody else in this process.
			return null;
		}
	}

	private boolean isReplaced() {
		Object key = key();
		// Gone, or out of reach: opening it anew creates it or tells why not.
		return key == NONE || !Objects.equals(key, this.fileKey);
	}

	/**
	 * What is to be done once with a file that was opened: a last line without its end is
	 * what a process left that died, and is cut off; and what is in it tells which time
	 * the file belongs to.
	 */
	private void lookAt(RandomAccessFile target) throws IOException {
		long length = target.length();
		if (length == 0) {
			this.events.created();
		}
		else if (this.framing == Framing.LINES) {
			cutTornLine(target, length);
		}
		if (!this.template.isDated()) {
			this.slot = slot((length > 0) ? Files.getLastModifiedTime(this.path).toMillis() : this.clock.getAsLong());
		}
		this.fresh = false;
	}

	private static void cutTornLine(RandomAccessFile target, long length) throws IOException {
		byte[] block = new byte[(int) Math.min(8192, length)];
		long end = length;
		while (end > 0) {
			int size = (int) Math.min(block.length, end);
			target.seek(end - size);
			target.readFully(block, 0, size);
			for (int i = size; i > 0; i--) {
				if (block[i - 1] == '\n') {
					cut(target, length, end - size + i);
					return;
				}
			}
			end -= size;
			if (length - end > MAX_TORN) {
				// Not ours: what follows at least begins on a line of its own.
				target.seek(length);
				target.write('\n');
				return;
			}
		}
		cut(target, length, 0);
	}

	private static void cut(RandomAccessFile target, long length, long end) throws IOException {
		if (end < length) {
			target.setLength(end);
		}
	}

	private boolean isOver(long length) {
		if (this.template.isDated()) {
			return false;
		}
		long now = this.clock.getAsLong();
		if (!this.slot.isOver(now)) {
			return false;
		}
		if (length > 0) {
			return true;
		}
		this.slot = slot(now);
		return false;
	}

	/**
	 * How many lines may be written before the file is full.
	 * @return {@code from} if the next line has to go into the next file
	 */
	private int fitting(Lines lines, int from, long length) {
		long room = this.rotation.maxSize() - length;
		int start = lines.size(from);
		int to = lines.count();
		if (lines.size(to) - start <= room) {
			return to;
		}
		to = from;
		while (lines.size(to + 1) - start <= room) {
			to++;
		}
		return (to == from && length == 0) ? from + 1 : to;
	}

	/**
	 * Ends the file, so that the next write begins another.
	 * @return {@code false} if that can't be done now, and the file has to do
	 */
	private boolean rotate() {
		long now = this.nanoTime.getAsLong();
		if (this.rotationFailed && now - this.rotationFailedAt < ROTATION_PAUSE) {
			return false;
		}
		try {
			Path ended = nextEnded(this.template, this.path, stamp());
			if (!RENAMES_OPEN_FILES) {
				leave();
			}
			Files.move(this.path, ended);
			leave();
			this.rotationFailed = false;
			this.events.ended();
		}
		catch (IOException ex) {
			this.rotationFailed = true;
			this.rotationFailedAt = now;
			this.events.failed("Can't rotate '" + this.path + "', which grows meanwhile", ex);
		}
		return this.file == null;
	}

	private String stamp() {
		return (this.rotation.interval() != Interval.NONE) ? this.slot.stamp()
				: TimeSlot.of(Interval.DAY, this.zone, this.clock.getAsLong()).stamp();
	}

	/**
	 * A name for a file that ends, which no file has or, as long as a later one is there,
	 * had. To be asked by whoever holds the file's lock.
	 */
	static Path nextEnded(PathTemplate template, Path live, String stamp) throws IOException {
		int highest = -1;
		String prefix = template.endedPrefix(live, stamp);
		DirectoryStream.Filter<Path> named = (path) -> path.getFileName().toString().startsWith(prefix);
		try (DirectoryStream<Path> others = Files.newDirectoryStream(Objects.requireNonNull(live.getParent()), named)) {
			for (Path other : others) {
				Found found = template.match(other);
				if (found != null) {
					highest = Math.max(highest, found.index());
				}
			}
		}
		return template.ended(live, stamp, highest + 1);
	}

	private void write(RandomAccessFile target, long length, Lines lines, int start, int end) throws IOException {
		// The end is looked up each time: others write too, and who rotates by copying
		// cuts the file short.
		try {
			target.seek(length);
			target.write(lines.bytes().array(), start, end - start);
			this.dirty = true;
		}
		catch (IOException ex) {
			try {
				if (target.length() > length) {
					target.setLength(length);
				}
			}
			catch (IOException suppressed) {
				ex.addSuppressed(suppressed);
			}
			giveUp();
			throw ex;
		}
	}

	/**
	 * Forces what was written onto the disk, if anything was.
	 */
	void sync() throws IOException {
		RandomAccessFile current = this.file;
		if (current != null && this.dirty) {
			current.getFD().sync();
			this.dirty = false;
		}
	}

	/**
	 * Closes the file without a word; the next write opens it anew.
	 */
	void giveUp() {
		RandomAccessFile current = this.file;
		this.file = null;
		this.dirty = false;
		if (current != null) {
			try {
				current.close();
			}
			catch (IOException ex) {
				// Nothing is held back that could be lost.
			}
		}
	}

	/**
	 * Closes the file, as another takes its place. The next write opens it anew.
	 */
	void leave() throws IOException {
		if (this.syncsEnded) {
			close();
		}
		else {
			giveUp();
		}
	}

	/**
	 * Forces what was written onto the disk and closes the file. The next write opens it
	 * anew.
	 */
	@Override
	public void close() throws IOException {
		try {
			sync();
		}
		finally {
			giveUp();
		}
	}

	/**
	 * Is told what happens to files.
	 */
	interface Events {

		/** A file was created, or begun anew. */
		void created();

		/** A file ended, and nobody will write to it. */
		void ended();

		/** Something could not be done that no signal depends on. */
		void failed(String what, IOException cause);

	}

}
