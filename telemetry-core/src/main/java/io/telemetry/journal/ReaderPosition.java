package io.telemetry.journal;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import java.util.zip.CRC32C;

import org.jspecify.annotations.Nullable;

/**
 * How far a named reader has acknowledged, in a file of its own that is overwritten in
 * place. Guarded by the journal's lock, but for {@link #sync}.
 * <p>
 * A process that is killed leaves the last position. After a power loss it may be an
 * older one, or none: then the reader is given again what it had already.
 */
final class ReaderPosition {

	static final String SUFFIX = ".reader";

	private static final int MAGIC = 0x544A5244; // "TJRD"

	private static final short VERSION = 1;

	private static final int BYTES = 20;

	private static final int CRC_OFFSET = 16;

	final String name;

	private final Disk disk;

	private final Path path;

	private volatile @Nullable RandomAccessFile file;

	/** Read without the lock by whoever reads the journal. */
	private volatile long acknowledged;

	/** Whether the file says something else. */
	private boolean unwritten;

	/** Whether the disk may not have it yet. */
	private volatile boolean unsynced;

	private final Map<Loss, Long> lost = new EnumMap<>(Loss.class);

	/**
	 * A position.
	 * @param stored whether the file says so already
	 */
	ReaderPosition(Disk disk, Path directory, String name, long acknowledged, boolean stored) {
		this.disk = disk;
		this.path = directory.resolve(name + SUFFIX);
		this.name = name;
		this.acknowledged = acknowledged;
		this.unwritten = !stored;
	}

	/**
	 * What a position file says.
	 * @return the position; {@code null} if it is damaged
	 */
	static @Nullable Long read(Disk disk, Path path) throws IOException {
		byte[] bytes = new byte[BYTES];
		try (RandomAccessFile file = disk.open(path, "r")) {
			if (disk.read(file, 0, bytes, BYTES) < BYTES) {
				return null;
			}
		}
		ByteBuffer buffer = ByteBuffer.wrap(bytes);
		boolean whole = buffer.getInt(0) == MAGIC && buffer.getShort(4) == VERSION
				&& buffer.getInt(CRC_OFFSET) == crc(bytes) && buffer.getLong(8) >= 0;
		return whole ? buffer.getLong(8) : null;
	}

	private static int crc(byte[] bytes) {
		CRC32C crc = new CRC32C();
		crc.update(bytes, 0, CRC_OFFSET);
		return (int) crc.getValue();
	}

	long acknowledged() {
		return this.acknowledged;
	}

	/**
	 * Moves forward; never back.
	 */
	void acknowledge(long sequence) {
		if (sequence > this.acknowledged) {
			this.acknowledged = sequence;
			this.unwritten = true;
			write();
		}
	}

	/**
	 * Writes the position where the file says something else. What fails is tried again:
	 * until then the reader would be given again what it had.
	 * @return whether the file says it
	 */
	boolean write() {
		if (!this.unwritten) {
			return true;
		}
		byte[] bytes = new byte[BYTES];
		ByteBuffer buffer = ByteBuffer.wrap(bytes);
		buffer.putInt(MAGIC).putShort(VERSION).putShort((short) 0).putLong(this.acknowledged);
		buffer.putInt(CRC_OFFSET, crc(bytes));
		try {
			RandomAccessFile open = this.file;
			if (open == null) {
				open = this.disk.open(this.path, "rw");
				this.file = open;
			}
			this.disk.write(open, 0, bytes, BYTES);
			this.unwritten = false;
			this.unsynced = true;
			return true;
		}
		catch (IOException ex) {
			return false;
		}
	}

	/**
	 * Whether the disk may know another position, or none.
	 */
	boolean isPending() {
		return this.unwritten || this.unsynced;
	}

	/**
	 * Forces the position onto the disk. Needs no lock, so nobody waits for the disk.
	 */
	void sync() throws IOException {
		RandomAccessFile open = this.file;
		if (open != null && this.unsynced) {
			this.unsynced = false;
			try {
				this.disk.sync(open);
			}
			catch (IOException ex) {
				this.unsynced = true;
				throw ex;
			}
		}
	}

	/**
	 * Writes a new file, for the directory that was deleted.
	 */
	void rewrite() {
		close();
		this.unwritten = true;
		write();
	}

	void lost(Loss reason, long records) {
		this.lost.merge(reason, records, Long::sum);
	}

	Map<Loss, Long> lost() {
		return Map.copyOf(this.lost);
	}

	void close() {
		RandomAccessFile open = this.file;
		this.file = null;
		if (open != null) {
			try {
				open.close();
			}
			catch (IOException ex) {
				// Nothing is buffered here that could be lost.
			}
		}
	}

	void delete() throws IOException {
		close();
		this.disk.delete(this.path);
	}

}
