package io.telemetry.journal;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

import org.jspecify.annotations.Nullable;

/**
 * A real disk that counts, and fails where a test says so, for failures that can't be had
 * from a real one.
 */
class TestDisk extends Disk {

	final AtomicInteger syncs = new AtomicInteger();

	/**
	 * Whether a sync goes to the disk: a test that looks at {@link #forced} alone need
	 * not wait for it.
	 */
	volatile boolean syncing = true;

	final AtomicInteger directorySyncs = new AtomicInteger();

	volatile @Nullable IOException syncFailure;

	volatile @Nullable IOException writeFailure;

	/** Bytes that are written before a write fails. */
	volatile int writtenBeforeFailure;

	volatile @Nullable IOException truncateFailure;

	volatile @Nullable IOException readFailure;

	volatile @Nullable IOException deleteFailure;

	private final Map<RandomAccessFile, Path> paths = new ConcurrentHashMap<>();

	/** How long files were when they were forced the last time. */
	final Map<Path, Long> forced = new ConcurrentHashMap<>();

	/** Files that the directory was forced with. */
	final Set<Path> linked = ConcurrentHashMap.newKeySet();

	@Override
	RandomAccessFile open(Path path, String mode) throws IOException {
		RandomAccessFile file = super.open(path, mode);
		this.paths.put(file, path);
		return file;
	}

	@Override
	void write(RandomAccessFile file, long position, byte[] bytes, int length) throws IOException {
		IOException failure = this.writeFailure;
		if (failure != null) {
			super.write(file, position, bytes, Math.min(this.writtenBeforeFailure, length));
			throw failure;
		}
		super.write(file, position, bytes, length);
	}

	@Override
	int read(RandomAccessFile file, long position, byte[] target, int length) throws IOException {
		failIf(this.readFailure);
		return super.read(file, position, target, length);
	}

	@Override
	void sync(RandomAccessFile file) throws IOException {
		failIf(this.syncFailure);
		long length = file.length();
		if (this.syncing) {
			super.sync(file);
		}
		this.forced.put(Objects.requireNonNull(this.paths.get(file)), length);
		this.syncs.incrementAndGet();
	}

	@Override
	void truncate(RandomAccessFile file, long length) throws IOException {
		failIf(this.truncateFailure);
		super.truncate(file, length);
	}

	@Override
	void delete(Path path) throws IOException {
		failIf(this.deleteFailure);
		super.delete(path);
	}

	@Override
	void syncDirectory(Path directory) throws IOException {
		if (this.syncing) {
			super.syncDirectory(directory);
		}
		try (var files = Files.list(directory)) {
			files.forEach(this.linked::add);
		}
		this.directorySyncs.incrementAndGet();
	}

	private static void failIf(@Nullable IOException failure) throws IOException {
		if (failure != null) {
			throw failure;
		}
	}

}
