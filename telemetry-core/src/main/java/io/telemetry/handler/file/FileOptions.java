package io.telemetry.handler.file;

import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;
import java.util.HashMap;
import java.util.Map;

/**
 * Where and how a {@link FileHandler} writes. Made by {@link #of} and the {@code with}
 * methods, so that options may be added.
 *
 * @param path the file; directories above it are created. {@code ${date}} in it stands
 * for the day, or day and hour, that the rotation goes by, {@code ${session}} for the
 * session of a signal, each of which has a file of its own
 * @param names what else {@code ${name}} in the path stands for, by name; characters that
 * have no place in a file name become {@code _}
 * @param rotation when a file ends and the next one begins
 * @param compress whether files that have ended are compressed, by a thread in the
 * background
 * @param retention which files are deleted
 * @param sync when what is written is forced onto the disk
 * @param maxOpenFiles how many files are open at once, at most; with one session per file
 * the one that was not written to for longest is closed first
 * @param zone where days and hours begin
 */
public record FileOptions(Path path, Map<String, String> names, Rotation rotation, boolean compress,
		Retention retention, Sync sync, int maxOpenFiles, ZoneId zone) {

	/** Files that are open at once where nobody says otherwise. */
	public static final int DEFAULT_MAX_OPEN_FILES = 64;

	/**
	 * Checks the options.
	 * @throws IllegalArgumentException if the path is not in the default file system or
	 * has a {@code ${name}} that nobody knows, or options contradict each other
	 */
	public FileOptions {
		if (path.getFileSystem() != FileSystems.getDefault()) {
			throw new IllegalArgumentException(
					"path must be in the default file system, not '" + path + "' in " + path.getFileSystem());
		}
		if (maxOpenFiles < 1) {
			throw new IllegalArgumentException("maxOpenFiles must be at least 1, not " + maxOpenFiles);
		}
		names = Map.copyOf(names);
		PathTemplate template = PathTemplate.of(path, names);
		if (template.isDated() && rotation.interval() == Rotation.Interval.NONE) {
			throw new IllegalArgumentException("'" + path
					+ "' has ${date} in it, but the rotation goes by no date: rotate by day or hour, or leave ${date} out");
		}
		if (rotation.maxSize() != Rotation.NO_LIMIT && rotation.maxSize() > retention.maxTotalSize()) {
			throw new IllegalArgumentException("maxSize of a file, " + rotation.maxSize()
					+ " bytes, is more than maxTotalSize of all files, " + retention.maxTotalSize() + " bytes");
		}
	}

	/**
	 * The defaults for a file: rotated by day and at 100 MB, compressed, and kept as
	 * {@link Retention#DEFAULTS} says, or {@link Retention#SESSIONS} with one file per
	 * session.
	 * @param path the file; directories above it are created
	 * @return the options
	 * @throws IllegalArgumentException if the path is not in the default file system or
	 * has a {@code ${name}} other than date and session in it; for such,
	 * {@link #of(Path, Map)}
	 */
	public static FileOptions of(Path path) {
		return of(path, Map.of());
	}

	/**
	 * The defaults for a file whose path has names in it.
	 * @param path the file; directories above it are created
	 * @param names what {@code ${name}} in the path stands for, by name
	 * @return the options
	 * @throws IllegalArgumentException if the path is not in the default file system or
	 * has a {@code ${name}} in it that nobody knows
	 */
	public static FileOptions of(Path path, Map<String, String> names) {
		Retention retention = PathTemplate.of(path, names).isPerSession() ? Retention.SESSIONS : Retention.DEFAULTS;
		return new FileOptions(path, names, Rotation.DAILY, true, retention, new Sync.AtEnd(), DEFAULT_MAX_OPEN_FILES,
				ZoneId.systemDefault());
	}

	/**
	 * A copy for another file.
	 * @param path the file
	 * @return the copy
	 */
	public FileOptions withPath(Path path) {
		return new FileOptions(path, this.names, this.rotation, this.compress, this.retention, this.sync,
				this.maxOpenFiles, this.zone);
	}

	/**
	 * A copy whose path may have one more name in it.
	 * @param name the name, as in {@code ${name}}
	 * @param value what it stands for
	 * @return the copy
	 */
	public FileOptions withName(String name, String value) {
		Map<String, String> names = new HashMap<>(this.names);
		names.put(name, value);
		return new FileOptions(this.path, names, this.rotation, this.compress, this.retention, this.sync,
				this.maxOpenFiles, this.zone);
	}

	/**
	 * A copy with another rotation.
	 * @param rotation when a file ends and the next one begins
	 * @return the copy
	 */
	public FileOptions withRotation(Rotation rotation) {
		return new FileOptions(this.path, this.names, rotation, this.compress, this.retention, this.sync,
				this.maxOpenFiles, this.zone);
	}

	/**
	 * A copy that compresses or does not.
	 * @param compress whether files that have ended are compressed
	 * @return the copy
	 */
	public FileOptions withCompress(boolean compress) {
		return new FileOptions(this.path, this.names, this.rotation, compress, this.retention, this.sync,
				this.maxOpenFiles, this.zone);
	}

	/**
	 * A copy that keeps other files.
	 * @param retention which files are deleted
	 * @return the copy
	 */
	public FileOptions withRetention(Retention retention) {
		return new FileOptions(this.path, this.names, this.rotation, this.compress, retention, this.sync,
				this.maxOpenFiles, this.zone);
	}

	/**
	 * A copy that forces onto the disk at other times.
	 * @param sync when what is written is forced onto the disk
	 * @return the copy
	 */
	public FileOptions withSync(Sync sync) {
		return new FileOptions(this.path, this.names, this.rotation, this.compress, this.retention, sync,
				this.maxOpenFiles, this.zone);
	}

	/**
	 * A copy with another bound of open files.
	 * @param maxOpenFiles how many files are open at once, at most
	 * @return the copy
	 */
	public FileOptions withMaxOpenFiles(int maxOpenFiles) {
		return new FileOptions(this.path, this.names, this.rotation, this.compress, this.retention, this.sync,
				maxOpenFiles, this.zone);
	}

	/**
	 * A copy whose days begin elsewhere.
	 * @param zone where days and hours begin
	 * @return the copy
	 */
	public FileOptions withZone(ZoneId zone) {
		return new FileOptions(this.path, this.names, this.rotation, this.compress, this.retention, this.sync,
				this.maxOpenFiles, zone);
	}

	/**
	 * When a file ends and the next one begins: with the day or hour, or when the next
	 * lines would make it too large, whichever comes first.
	 *
	 * @param interval which time has a file of its own
	 * @param maxSize bytes that a file has at most, {@link #NO_LIMIT} for any number; a
	 * signal that alone is larger has a file to itself
	 */
	public record Rotation(Interval interval, long maxSize) {

		/** Any number of bytes. */
		public static final long NO_LIMIT = Long.MAX_VALUE;

		/** One file for ever: somebody else rotates it, or nobody does. */
		public static final Rotation NEVER = new Rotation(Interval.NONE, NO_LIMIT);

		/** A file a day, and another after each 100 MB. */
		public static final Rotation DAILY = new Rotation(Interval.DAY, 100L << 20);

		public Rotation {
			if (maxSize < 1) {
				throw new IllegalArgumentException("maxSize must be at least 1 byte, not " + maxSize);
			}
		}

		/**
		 * A copy that goes by another time.
		 * @param interval which time has a file of its own
		 * @return the copy
		 */
		public Rotation withInterval(Interval interval) {
			return new Rotation(interval, this.maxSize);
		}

		/**
		 * A copy with another size.
		 * @param maxSize bytes that a file has at most
		 * @return the copy
		 */
		public Rotation withMaxSize(long maxSize) {
			return new Rotation(this.interval, maxSize);
		}

		/**
		 * A time that has a file of its own.
		 */
		public enum Interval {

			/** None: size alone ends a file. */
			NONE,

			/** An hour. */
			HOUR,

			/** A day. */
			DAY

		}

	}

	/**
	 * Which files are deleted, the one that was last written to longest ago first. Files
	 * whose names the handler would not give are left alone, and so are those that it has
	 * open.
	 *
	 * @param maxAge how long ago a file was last written to, at most
	 * @param maxFiles how many files there are at most, compressed or not, those that are
	 * being written to included
	 * @param maxTotalSize bytes that all these files have at most
	 */
	public record Retention(Duration maxAge, int maxFiles, long maxTotalSize) {

		/** 30 days, 30 files, 10 GB. */
		public static final Retention DEFAULTS = new Retention(Duration.ofDays(30), 30, 10L << 30);

		/** 30 days, 10,000 files, 10 GB. */
		public static final Retention SESSIONS = DEFAULTS.withMaxFiles(10_000);

		/** Nothing is deleted. */
		public static final Retention UNLIMITED = new Retention(Duration.ofSeconds(Long.MAX_VALUE), Integer.MAX_VALUE,
				Long.MAX_VALUE);

		public Retention {
			if (maxAge.isNegative() || maxAge.isZero()) {
				throw new IllegalArgumentException("maxAge must be above zero, not " + maxAge);
			}
			if (maxFiles < 1) {
				throw new IllegalArgumentException("maxFiles must be at least 1, not " + maxFiles);
			}
			if (maxTotalSize < 1) {
				throw new IllegalArgumentException("maxTotalSize must be at least 1 byte, not " + maxTotalSize);
			}
		}

		/**
		 * A copy with another age.
		 * @param maxAge how long ago a file was last written to, at most
		 * @return the copy
		 */
		public Retention withMaxAge(Duration maxAge) {
			return new Retention(maxAge, this.maxFiles, this.maxTotalSize);
		}

		/**
		 * A copy with another number.
		 * @param maxFiles how many files there are at most
		 * @return the copy
		 */
		public Retention withMaxFiles(int maxFiles) {
			return new Retention(this.maxAge, maxFiles, this.maxTotalSize);
		}

		/**
		 * A copy with another size.
		 * @param maxTotalSize bytes that all files have at most
		 * @return the copy
		 */
		public Retention withMaxTotalSize(long maxTotalSize) {
			return new Retention(this.maxAge, this.maxFiles, maxTotalSize);
		}

	}

	/**
	 * When what is written is forced onto the disk. Without it a crash of the process
	 * loses nothing that was written, a crash of the machine may.
	 */
	public sealed interface Sync {

		/**
		 * When the handler closes.
		 */
		record AtEnd() implements Sync {
		}

		/**
		 * After each batch, before its signals count as handled.
		 */
		record EachBatch() implements Sync {
		}

		/**
		 * After a time at most, by a thread in the background.
		 *
		 * @param interval how long what was written may be in memory only
		 */
		record Every(Duration interval) implements Sync {

			public Every {
				if (interval.isNegative() || interval.isZero()) {
					throw new IllegalArgumentException("interval must be above zero, not " + interval);
				}
			}

		}

	}

}
