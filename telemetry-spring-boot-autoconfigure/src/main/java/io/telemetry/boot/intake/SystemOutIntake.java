package io.telemetry.boot.intake;

import java.io.PrintStream;
import java.util.List;
import java.util.function.Consumer;

import io.telemetry.Telemetry;
import io.telemetry.signal.Level;
import org.jspecify.annotations.Nullable;

/**
 * Lines that are printed to standard output and error as signals.
 */
final class SystemOutIntake extends SharedIntake<SystemOutIntake.Settings> {

	static final SystemOutIntake INSTANCE = new SystemOutIntake();

	private final Stream out = new Stream();

	private final Stream err = new Stream();

	private SystemOutIntake() {
	}

	@Override
	void use(@Nullable Settings settings) {
		this.out.use((settings != null) ? settings.out : null);
		this.err.use((settings != null) ? settings.err : null);
	}

	@Override
	void start() {
		this.out.install(System.out, System::setOut);
		this.err.install(System.err, System::setErr);
	}

	@Override
	void stop() {
		this.out.uninstall(System.out, System::setOut);
		this.err.uninstall(System.err, System::setErr);
	}

	/**
	 * What one application wants, and who speaks for it.
	 */
	static final class Settings {

		private final Lines out;

		private final Lines err;

		Settings(Telemetry telemetry, int maxLineLength) {
			this.out = new Lines(telemetry, "System.out", Level.INFO, maxLineLength);
			this.err = new Lines(telemetry, "System.err", Level.WARN, maxLineLength);
		}

		/**
		 * Sends what comes from now on to the pipeline of a facade.
		 */
		void sendTo(Telemetry telemetry) {
			this.out.sendTo(telemetry);
			this.err.sendTo(telemetry);
		}

	}

	/**
	 * The lines of one stream for one application.
	 */
	private static final class Lines {

		private final String namespace;

		private final Level level;

		private final LineAssembler assembler;

		private volatile Telemetry telemetry;

		Lines(Telemetry telemetry, String namespace, Level level, int maxLength) {
			this.namespace = namespace;
			this.level = level;
			this.assembler = new LineAssembler(maxLength);
			this.telemetry = telemetry.of(namespace);
		}

		void sendTo(Telemetry telemetry) {
			this.telemetry = telemetry.of(this.namespace);
		}

		void add(String text, boolean ended) {
			if (this.telemetry.allowed(this.level)) {
				emit(this.assembler.add(text, ended));
			}
		}

		void end() {
			emit(this.assembler.end());
		}

		/**
		 * Not under the assembler's lock, as handlers may print.
		 */
		private void emit(List<String> lines) {
			for (String line : lines) {
				this.telemetry.signal(this.level).logged(true).message(line).emit();
			}
		}

	}

	/**
	 * One of the process's two streams.
	 */
	private static final class Stream {

		private volatile @Nullable CapturedStream captured;

		private volatile @Nullable Lines lines;

		void use(@Nullable Lines lines) {
			Lines before = this.lines;
			this.lines = lines;
			if (before != null) {
				before.end();
			}
		}

		void install(PrintStream current, Consumer<PrintStream> setter) {
			CapturedStream stream = new CapturedStream(current, this::printed);
			this.captured = stream;
			setter.accept(stream);
		}

		/**
		 * Puts the stream before it back, unless somebody has put another in its place,
		 * which may go on to use this one: that does no more then than hand on.
		 */
		void uninstall(PrintStream current, Consumer<PrintStream> setter) {
			CapturedStream stream = this.captured;
			this.captured = null;
			if (stream != null && stream == current) {
				setter.accept(stream.original());
			}
		}

		private void printed(CapturedStream stream, String text, boolean ended) {
			Lines current = this.lines;
			// A stream that could not be taken back may be below the one that is in
			// force.
			if (current != null && stream == this.captured) {
				current.add(text, ended);
			}
		}

	}

}
