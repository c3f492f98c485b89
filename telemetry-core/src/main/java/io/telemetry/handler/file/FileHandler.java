package io.telemetry.handler.file;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

import io.telemetry.encode.Framing;
import io.telemetry.encode.Lines;
import io.telemetry.encode.SignalEncoder;
import io.telemetry.handler.BatchLines;
import io.telemetry.handler.HandlerException;
import io.telemetry.handler.SignalHandler;
import io.telemetry.signal.Signal;
import org.jspecify.annotations.Nullable;

/**
 * Appends signals to a file, one line (or what the encoder makes of it) each.
 * <p>
 * A batch is one write. If that fails, the disk being full for example, the file is cut
 * back to where the batch began, so it holds whole lines only, the failure is retryable,
 * and the next batch opens the file anew. The same happens, without a failure, when the
 * file was deleted or replaced by another; that is looked for once per second at most,
 * and when flushed, so up to a second of signals may go where the old file went. A last
 * line that a crash left without its end is ended when the file is opened; of a binary
 * format what a crash left torn stays, and readers stop there.
 * <p>
 * Safe for several threads. One process per file: what another process appends meanwhile
 * may be overwritten.
 */
public final class FileHandler implements SignalHandler {

	private static final long CHECK_NANOS = TimeUnit.SECONDS.toNanos(1);

	private final BatchLines lines;

	private final Framing framing;

	private final Path path;

	private final LongSupplier nanoTime;

	private final ReentrantLock lock = new ReentrantLock();

	/**
	 * Not a channel: those close themselves when the thread that uses them is
	 * interrupted, and the threads here are the application's. {@code null} after a
	 * failure, until the next batch.
	 */
	private @Nullable RandomAccessFile file;

	/** Which file was opened; {@code null} where the file system has no such keys. */
	private @Nullable Object fileKey;

	private long lastCheck;

	private boolean closed;

	/**
	 * Opens the file.
	 * @param encoder what makes the text of a signal, without the line end
	 * @param options where and how to write
	 * @throws IllegalArgumentException if the path is a directory
	 * @throws UncheckedIOException if the file or a directory above it can't be created
	 * or opened; the message names the path and the remedy
	 */
	public FileHandler(SignalEncoder encoder, FileOptions options) {
		this(encoder, options, System::nanoTime);
	}

	FileHandler(SignalEncoder encoder, FileOptions options, LongSupplier nanoTime) {
		this.lines = new BatchLines(encoder);
		this.framing = encoder.framing();
		this.path = options.path().toAbsolutePath();
		this.nanoTime = nanoTime;
		if (Files.isDirectory(this.path)) {
			throw new IllegalArgumentException("'" + this.path + "' is a directory: name a file in it, such as "
					+ this.path.resolve("signals.jsonl"));
		}
		try {
			open();
		}
		catch (IOException ex) {
			throw new UncheckedIOException("Can't open '" + this.path + "' to append signals (" + ex
					+ "): make its directory writable for this user, or name another file", ex);
		}
	}

	private RandomAccessFile open() throws IOException {
		Path parent = this.path.getParent();
		if (parent != null && !Files.isDirectory(parent)) {
			Files.createDirectories(parent);
		}
		RandomAccessFile opened = new RandomAccessFile(this.path.toFile(), "rw");
		try {
			if (this.framing == Framing.LINES) {
				endTornLine(opened);
			}
			this.fileKey = Files.readAttributes(this.path, BasicFileAttributes.class).fileKey();
			this.lastCheck = this.nanoTime.getAsLong();
			this.file = opened;
			return opened;
		}
		catch (IOException | RuntimeException ex) {
			opened.close();
			throw ex;
		}
	}

	private static void endTornLine(RandomAccessFile file) throws IOException {
		long length = file.length();
		if (length > 0) {
			file.seek(length - 1);
			if (file.read() != '\n') {
				file.seek(length);
				file.write('\n');
			}
		}
	}

	@Override
	public void handle(Signal signal) throws HandlerException {
		handle(List.of(signal));
	}

	/**
	 * {@inheritDoc}
	 * @throws HandlerException retryable if the file can't be written, and then nothing
	 * of the batch is; permanent for signals that can't be encoded, and then the others
	 * are written
	 */
	@Override
	public void handle(List<Signal> batch) throws HandlerException {
		this.lines.write(batch, (lines) -> write(lines, batch.size()));
	}

	private void write(Lines lines, int signals) throws HandlerException {
		this.lock.lock();
		try {
			if (this.closed) {
				throw HandlerException
					.permanent("'" + this.path + "' was closed, " + signals + " signals come too late", null);
			}
			boolean checkIsDue = this.nanoTime.getAsLong() - this.lastCheck >= CHECK_NANOS;
			append(lines, current(checkIsDue));
		}
		catch (IOException ex) {
			throw HandlerException.retryable("Can't write " + signals + " signals to '" + this.path + "': " + ex, ex);
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * The open file, which is opened where it is not, or not the one at the path.
	 */
	private RandomAccessFile current(boolean check) throws IOException {
		RandomAccessFile current = this.file;
		if (current != null && check) {
			this.lastCheck = this.nanoTime.getAsLong();
			if (isReplaced()) {
				this.file = null;
				current.close();
				current = null;
			}
		}
		return (current != null) ? current : open();
	}

	private boolean isReplaced() {
		try {
			Object key = Files.readAttributes(this.path, BasicFileAttributes.class).fileKey();
			return !Objects.equals(key, this.fileKey);
		}
		catch (IOException ex) {
			// Gone, or out of reach: opening it anew creates it or tells why not.
			return true;
		}
	}

	private void append(Lines lines, RandomAccessFile target) throws IOException {
		// The end is looked up each time: who rotates by copying cuts the file short.
		long end = target.length();
		try {
			target.seek(end);
			target.write(lines.bytes().array(), 0, lines.bytes().size());
		}
		catch (IOException ex) {
			this.file = null;
			try (target) {
				if (target.length() > end) {
					target.setLength(end);
				}
			}
			catch (IOException suppressed) {
				ex.addSuppressed(suppressed);
			}
			throw ex;
		}
	}

	/**
	 * Looks whether the file was deleted or replaced, and opens it anew if so. There is
	 * nothing to write out: each batch is written before {@code handle} returns.
	 * @throws HandlerException retryable if the file can't be opened
	 */
	@Override
	public void flush() throws HandlerException {
		this.lock.lock();
		try {
			if (!this.closed) {
				current(true);
			}
		}
		catch (IOException ex) {
			throw HandlerException.retryable("Can't open '" + this.path + "': " + ex, ex);
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * Forces what was written onto the disk and closes the file. Closing again does
	 * nothing.
	 * @throws IOException if either fails; the file is given up all the same
	 */
	@Override
	public void close() throws IOException {
		this.lock.lock();
		try (RandomAccessFile closing = this.file) {
			this.closed = true;
			this.file = null;
			if (closing != null) {
				closing.getFD().sync();
			}
		}
		finally {
			this.lock.unlock();
		}
	}

}
