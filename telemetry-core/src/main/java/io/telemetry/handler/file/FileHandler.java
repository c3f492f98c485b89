package io.telemetry.handler.file;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

import io.telemetry.encode.Framing;
import io.telemetry.encode.Lines;
import io.telemetry.encode.SignalEncoder;
import io.telemetry.handler.BatchLines;
import io.telemetry.handler.HandlerException;
import io.telemetry.handler.SignalHandler;
import io.telemetry.handler.file.FileOptions.Rotation;
import io.telemetry.handler.file.FileOptions.Sync;
import io.telemetry.signal.Signal;
import org.jspecify.annotations.Nullable;

/**
 * Appends signals to a file, one line (or what the encoder makes of it) each, and begins
 * another file when a day is over or one is full.
 * <p>
 * A batch is one write, made before {@code handle} returns; nothing is held back. So
 * there is to be a queue before it, whose batches bound how long a signal waits to be
 * written; without one each signal is a write. If the write fails, the disk being full
 * for example, the file is cut back to where the batch began, so it holds whole lines
 * only, the failure is retryable, and the next batch tries anew. A file that was deleted
 * or replaced is opened anew with the next batch. A last line without its end, which a
 * crash may leave, is cut off when the file is opened; of a binary format it stays, and
 * readers stop there.
 * <p>
 * Compressing and deleting is done by a thread in the background, and what goes wrong
 * with it, or with the renaming of a file that ends, is told by {@link #flush}; no signal
 * is lost by it.
 * <p>
 * Safe for several threads. Several handlers and processes may write to one path, if they
 * rotate it alike: each batch is written under a lock of the operating system. On a file
 * system without such locks there must be one.
 */
public final class FileHandler implements SignalHandler {

	private static final String SESSION_ID = "sessionId";

	private static final long HOUSEKEEPING_INTERVAL_MINUTES = 60;

	/** How long closing waits for what the background has begun. */
	private static final long GRACE_MILLIS = 1000;

	private final BatchLines lines;

	private final Framing framing;

	private final FileOptions options;

	private final PathTemplate template;

	private final LongSupplier clock;

	private final LongSupplier nanoTime;

	private final ReentrantLock lock = new ReentrantLock();

	/**
	 * The open files by session, the one that was not written to for longest first. One,
	 * by {@code null}, where sessions have none of their own.
	 */
	private final Map<@Nullable String, LogFile> files = new LinkedHashMap<>(16, 0.75F, true);

	private final Housekeeper housekeeper;

	private final AtomicBoolean housekeepingIsDue = new AtomicBoolean();

	private final @Nullable ScheduledThreadPoolExecutor background;

	/** What went wrong without harm to a signal, until somebody was told. */
	private final AtomicReference<@Nullable HandlerException> trouble = new AtomicReference<>();

	private final LogFile.Events events = new LogFile.Events() {

		@Override
		public void created() {
			FileHandler.this.created++;
		}

		@Override
		public void ended() {
			wantHousekeeping();
		}

		@Override
		public void failed(String what, IOException cause) {
			HandlerException failure = HandlerException.retryable(what + ": " + cause, cause);
			FileHandler.this.trouble.compareAndSet(null, failure);
		}

	};

	/** Files created since somebody looked whether they are too many. */
	private int created;

	/** Bytes written since somebody looked whether they are too many. */
	private long written;

	private boolean closed;

	/**
	 * Opens the file, or with one file per session looks whether there can be files.
	 * @param encoder what makes the text of a signal, without the line end
	 * @param options where and how to write
	 * @throws IllegalArgumentException if the path is a directory
	 * @throws UncheckedIOException if the file or a directory above it can't be created
	 * or opened; the message names the path and the remedy
	 */
	public FileHandler(SignalEncoder encoder, FileOptions options) {
		this(encoder, options, InstantSource.system(), System::nanoTime);
	}

	FileHandler(SignalEncoder encoder, FileOptions options, InstantSource clock, LongSupplier nanoTime) {
		this.lines = new BatchLines(encoder);
		this.framing = encoder.framing();
		this.options = options;
		this.template = PathTemplate.of(options.path(), options.names());
		this.clock = clock::millis;
		this.nanoTime = nanoTime;
		this.housekeeper = new Housekeeper(this.template, options, this.clock, nanoTime, this::isOpen, this.events);
		try {
			begin();
		}
		catch (IOException ex) {
			this.files.values().forEach(LogFile::giveUp);
			throw new UncheckedIOException("Can't open '" + options.path() + "' to append signals (" + ex
					+ "): make its directory writable for this user, or name another file", ex);
		}
		this.background = startBackground();
	}

	private void begin() throws IOException {
		if (this.template.isPerSession()) {
			refuseReadOnly(Files.createDirectories(this.template.root()));
			return;
		}
		LogFile first = file(null);
		if (Files.isDirectory(first.path())) {
			throw new IllegalArgumentException("'" + first.path() + "' is a directory: name a file in it, such as "
					+ first.path().resolve("signals.jsonl"));
		}
		first.prepare();
		Path directory = first.path().getParent();
		if (directory != null && !this.options.rotation().equals(Rotation.NEVER)) {
			refuseReadOnly(directory);
		}
	}

	private static void refuseReadOnly(Path directory) throws IOException {
		if (!Files.isWritable(directory)) {
			throw new AccessDeniedException(directory.toString(), null, "no file can be created in this directory");
		}
	}

	private @Nullable ScheduledThreadPoolExecutor startBackground() {
		boolean keepsHouse = this.template.isPerSession() || !this.options.rotation().equals(Rotation.NEVER);
		Sync sync = this.options.sync();
		if (!keepsHouse && !(sync instanceof Sync.Every)) {
			return null;
		}
		// Syncing does not wait until something large is compressed.
		ScheduledThreadPoolExecutor executor = new ScheduledThreadPoolExecutor((sync instanceof Sync.Every) ? 2 : 1,
				(task) -> {
					Thread thread = new Thread(task, "telemetry-files-" + this.options.path().getFileName());
					thread.setDaemon(true);
					thread.setPriority(Thread.MIN_PRIORITY);
					return thread;
				});
		if (keepsHouse) {
			executor.scheduleWithFixedDelay(this::keepHouse, 0, HOUSEKEEPING_INTERVAL_MINUTES, TimeUnit.MINUTES);
		}
		if (sync instanceof Sync.Every every) {
			long nanos = TimeUnit.NANOSECONDS.convert(every.interval());
			executor.scheduleWithFixedDelay(this::sync, nanos, nanos, TimeUnit.NANOSECONDS);
		}
		return executor;
	}

	@Override
	public void handle(Signal signal) throws HandlerException {
		handle(List.of(signal));
	}

	/**
	 * {@inheritDoc}
	 * @throws HandlerException retryable if a file can't be written, for the signals that
	 * are not; permanent for signals that can't be encoded, and then the others are
	 * written
	 */
	@Override
	public void handle(List<Signal> batch) throws HandlerException {
		if (!this.template.isPerSession()) {
			this.lines.write(batch, (lines) -> write(null, lines));
			return;
		}
		Map<@Nullable String, List<Signal>> sessions = new LinkedHashMap<>();
		for (Signal signal : batch) {
			sessions.computeIfAbsent(session(signal), (session) -> new ArrayList<>()).add(signal);
		}
		HandlerException failure = null;
		List<Signal> failed = new ArrayList<>(0);
		for (Map.Entry<@Nullable String, List<Signal>> entry : sessions.entrySet()) {
			try {
				this.lines.write(entry.getValue(), (lines) -> write(entry.getKey(), lines));
			}
			catch (HandlerException ex) {
				failure = (failure != null && failure.isRetryable()) ? failure : ex;
				failed.addAll(ex.failed().isEmpty() ? entry.getValue() : ex.failed());
			}
		}
		if (failure != null) {
			throw failure.withFailed(failed);
		}
	}

	private static @Nullable String session(Signal signal) {
		Object session = signal.data().get(SESSION_ID);
		session = (session != null) ? session : signal.context().get(SESSION_ID);
		return (session instanceof String text) ? text : null;
	}

	private void write(@Nullable String session, Lines lines) throws HandlerException {
		this.lock.lock();
		try {
			if (this.closed) {
				throw HandlerException.permanent(
						"'" + this.options.path() + "' was closed, " + lines.count() + " signals come too late", null);
			}
			append(session, lines);
		}
		finally {
			this.lock.unlock();
		}
	}

	private void append(@Nullable String session, Lines lines) throws HandlerException {
		LogFile file = file(session);
		try {
			while (lines.written() < lines.count()) {
				lines.written(file.append(lines, lines.written()));
			}
		}
		catch (IOException ex) {
			throw HandlerException.retryable(
					"Can't write " + (lines.count() - lines.written()) + " signals to '" + file.path() + "': " + ex,
					ex);
		}
		if (this.options.sync() instanceof Sync.EachBatch) {
			forceOntoDisk(file, lines);
		}
		this.written += lines.bytes().size();
		if (this.created > this.options.retention().maxFiles() / 10
				|| this.written > this.options.retention().maxTotalSize() / 20) {
			wantHousekeeping();
		}
	}

	private static void forceOntoDisk(LogFile file, Lines lines) throws HandlerException {
		try {
			file.sync();
		}
		catch (IOException ex) {
			lines.written(0);
			throw HandlerException.retryable(
					"Can't force " + lines.count() + " signals in '" + file.path() + "' onto the disk: " + ex, ex);
		}
	}

	private LogFile file(@Nullable String session) {
		LogFile known = this.files.get(session);
		if (known != null) {
			return known;
		}
		if (this.files.size() >= this.options.maxOpenFiles()) {
			Iterator<LogFile> eldest = this.files.values().iterator();
			LogFile leaving = eldest.next();
			eldest.remove();
			try {
				leaving.leave();
			}
			catch (IOException ex) {
				this.events.failed("Can't force '" + leaving.path() + "' onto the disk", ex);
			}
		}
		LogFile file = new LogFile(this.template, session, this.options, this.framing, this.clock, this.nanoTime,
				this.events);
		this.files.put(session, file);
		return file;
	}

	private boolean isOpen(Path path) {
		this.lock.lock();
		try {
			return this.files.values().stream().anyMatch((file) -> file.path().equals(path));
		}
		finally {
			this.lock.unlock();
		}
	}

	private void wantHousekeeping() {
		this.created = 0;
		this.written = 0;
		if (this.background != null && this.housekeepingIsDue.compareAndSet(false, true)) {
			try {
				this.background.execute(this::keepHouse);
			}
			catch (RejectedExecutionException ex) {
				// Closed: the next start does it.
			}
		}
	}

	private void keepHouse() {
		this.housekeepingIsDue.set(false);
		try {
			this.housekeeper.run();
		}
		catch (RuntimeException ex) {
			this.events.failed("Files can't be compressed or deleted", new IOException(ex));
		}
	}

	private void sync() {
		this.lock.lock();
		try {
			for (LogFile file : this.files.values()) {
				try {
					file.sync();
				}
				catch (IOException ex) {
					this.events.failed("Can't force '" + file.path() + "' onto the disk", ex);
				}
			}
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * Tells what went wrong since the last flush without harm to a signal. There is
	 * nothing to write out: each batch is written before {@code handle} returns.
	 * @throws HandlerException if a file could not be renamed, compressed, deleted or
	 * forced onto the disk
	 */
	@Override
	public void flush() throws HandlerException {
		HandlerException trouble = this.trouble.getAndSet(null);
		if (trouble != null) {
			throw trouble;
		}
	}

	/**
	 * Forces what was written onto the disk, closes the files and leaves what is being
	 * compressed to the next start. Closing again does nothing.
	 * @throws IOException if either fails; the files are given up all the same
	 */
	@Override
	public void close() throws IOException {
		List<LogFile> closing;
		this.lock.lock();
		try {
			this.closed = true;
			closing = List.copyOf(this.files.values());
			this.files.clear();
		}
		finally {
			this.lock.unlock();
		}
		IOException failure = null;
		for (LogFile file : closing) {
			try {
				file.close();
			}
			catch (IOException ex) {
				failure = (failure != null) ? failure : ex;
			}
		}
		closeBackground();
		if (failure != null) {
			throw failure;
		}
	}

	private void closeBackground() {
		if (this.background == null) {
			return;
		}
		this.background.shutdownNow();
		try {
			this.background.awaitTermination(GRACE_MILLIS, TimeUnit.MILLISECONDS);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

}
