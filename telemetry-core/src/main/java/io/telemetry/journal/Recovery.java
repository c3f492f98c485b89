package io.telemetry.journal;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

import org.jspecify.annotations.Nullable;

/**
 * Finds what a directory holds, and makes whole what was left torn. Used once, before
 * anybody appends or reads.
 */
final class Recovery {

	private final Path directory;

	private final Disk disk;

	private final Segments segments;

	private final Readers readers;

	Recovery(Path directory, Disk disk, Segments segments, Readers readers) {
		this.directory = directory;
		this.disk = disk;
		this.segments = segments;
		this.readers = readers;
	}

	/**
	 * Fills segments and readers.
	 * @param now in milliseconds
	 * @throws IOException if the directory can't be read
	 * @throws Format.UnknownVersionException if a later version of this code wrote it
	 */
	void recover(long now) throws IOException, Format.UnknownVersionException {
		TreeMap<Long, Path> files = new TreeMap<>();
		Map<String, @Nullable Long> stored = new TreeMap<>();
		long highest = 0;
		try (var listed = Files.newDirectoryStream(this.directory)) {
			for (Path file : listed) {
				Long base = Format.baseOf(file);
				if (base != null) {
					files.put(base, file);
				}
				String name = file.getFileName().toString();
				if (name.endsWith(ReaderPosition.SUFFIX)) {
					name = name.substring(0, name.length() - ReaderPosition.SUFFIX.length());
					Long position = ReaderPosition.read(this.disk, file);
					highest = Math.max(highest, (position != null) ? position : 0);
					stored.put(name, position);
				}
			}
		}
		for (Map.Entry<Long, Path> file : files.entrySet()) {
			add(file.getKey(), file.getValue());
		}
		Segment newest = this.segments.newest();
		if (newest != null) {
			recoverNewest(newest, highest, now);
		}
		// An acknowledged record may be gone after a power loss. Its sequence is not
		// given to another, which would pass for acknowledged.
		this.segments.nextSequence(highest + 1);
		long first = this.segments.firstSequence();
		stored.forEach((name, position) -> this.readers.add(name, position, first));
		this.readers.skipMissing(first);
	}

	private void add(long base, Path path) throws IOException, Format.UnknownVersionException {
		long length = Files.size(path);
		long modified = Files.getLastModifiedTime(path).toMillis();
		byte[] header = new byte[Format.SEGMENT_HEADER];
		Long created = null;
		try (RandomAccessFile file = this.disk.open(path, "r")) {
			if (this.disk.read(file, 0, header, header.length) == header.length) {
				created = Format.readSegmentHeader(header, base);
			}
		}
		Segment segment = new Segment(base, path, (created != null) ? created : modified, length);
		segment.headerDamaged = created == null;
		// A process that was killed may not have forced its name.
		segment.isNew = true;
		this.segments.add(segment);
	}

	/**
	 * Finds the end of the newest segment. Appending goes on behind it if it is whole,
	 * else in a new segment. Others are looked at when they are read.
	 */
	private void recoverNewest(Segment newest, long highestAcknowledged, long now) throws IOException {
		if (newest.end() < Format.SEGMENT_HEADER || newest.headerDamaged && newest.end() == Format.SEGMENT_HEADER) {
			// It was being created: there is nothing in it.
			this.segments.nextSequence(Math.max(newest.base, highestAcknowledged + 1));
			replace(newest, now);
			return;
		}
		RandomAccessFile file = this.disk.open(newest.path, "rw");
		boolean keep = false;
		try {
			SegmentScanner scanner = new SegmentScanner(this.disk, file, newest.base);
			long follows = newest.base;
			for (JournalRecord record = scanner.next(newest.end()); record != null; record = scanner
				.next(newest.end())) {
				this.readers.damaged(newest, follows, record.sequence());
				follows = record.sequence() + 1;
				newest.lastAppend = Math.max(newest.lastAppend, record.appendedAt().toEpochMilli());
			}
			if (scanner.endedDamaged()) {
				// How many there were can't be told. One, where a process was killed.
				this.readers.damaged(newest, follows, follows + 1);
				follows++;
			}
			long next = Math.max(follows, highestAcknowledged + 1);
			this.segments.nextSequence(next);
			if (next == newest.base || !scanner.endedDamaged() && !newest.headerDamaged && next == follows) {
				this.segments.resume(newest, file);
				keep = true;
			}
			else if (newest.base == follows) {
				replace(newest, now);
			}
			else {
				newest.seal(next);
				beginAgain(now);
			}
		}
		finally {
			if (!keep) {
				file.close();
			}
		}
	}

	private void replace(Segment empty, long now) throws IOException {
		this.segments.forget(empty);
		this.disk.delete(empty.path);
		beginAgain(now);
	}

	/**
	 * Begins a segment before anybody appends, so that what the last one told (damage
	 * that was counted, sequences that were used) is not told anew, and differently, when
	 * the journal is opened the next time.
	 */
	private void beginAgain(long now) {
		try {
			this.segments.begin(0, now);
		}
		catch (JournalException ex) {
			// The next append tries again, and tells.
		}
	}

}
