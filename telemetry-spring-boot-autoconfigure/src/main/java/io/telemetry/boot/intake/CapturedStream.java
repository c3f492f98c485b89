package io.telemetry.boot.intake;

import java.io.IOException;
import java.io.PrintStream;
import java.util.Locale;

import org.jspecify.annotations.Nullable;

/**
 * Standard output or error that also tells what text is printed. Everything goes on to
 * the stream before it, first and as it is.
 * <p>
 * Only what is printed as text is told, by {@code print}, {@code println},
 * {@code printf}, {@code append}, and not what is written as bytes. Logging systems and
 * console handlers write bytes, so no line that they write comes back as a signal,
 * whichever system it is and however its appenders are nested.
 */
final class CapturedStream extends PrintStream {

	private final PrintStream original;

	private final Listener listener;

	CapturedStream(PrintStream original, Listener listener) {
		super(original, false);
		this.original = original;
		this.listener = listener;
	}

	PrintStream original() {
		return this.original;
	}

	@Override
	public void write(int value) {
		this.original.write(value);
	}

	@Override
	public void write(byte[] bytes) throws IOException {
		this.original.write(bytes);
	}

	@Override
	public void write(byte[] bytes, int offset, int length) {
		this.original.write(bytes, offset, length);
	}

	@Override
	public void writeBytes(byte[] bytes) {
		this.original.writeBytes(bytes);
	}

	@Override
	public void flush() {
		this.original.flush();
	}

	@Override
	public void close() {
		this.original.close();
	}

	@Override
	public boolean checkError() {
		return this.original.checkError();
	}

	@Override
	public void print(boolean value) {
		print(String.valueOf(value));
	}

	@Override
	public void print(char value) {
		print(String.valueOf(value));
	}

	@Override
	public void print(int value) {
		print(String.valueOf(value));
	}

	@Override
	public void print(long value) {
		print(String.valueOf(value));
	}

	@Override
	public void print(float value) {
		print(String.valueOf(value));
	}

	@Override
	public void print(double value) {
		print(String.valueOf(value));
	}

	@Override
	public void print(char[] value) {
		print(String.valueOf(value));
	}

	@Override
	public void print(@Nullable Object value) {
		print(String.valueOf(value));
	}

	@Override
	public void print(@Nullable String text) {
		this.original.print(text);
		tell(String.valueOf(text), false);
	}

	@Override
	public void println() {
		this.original.println();
		tell("", true);
	}

	@Override
	public void println(boolean value) {
		println(String.valueOf(value));
	}

	@Override
	public void println(char value) {
		println(String.valueOf(value));
	}

	@Override
	public void println(int value) {
		println(String.valueOf(value));
	}

	@Override
	public void println(long value) {
		println(String.valueOf(value));
	}

	@Override
	public void println(float value) {
		println(String.valueOf(value));
	}

	@Override
	public void println(double value) {
		println(String.valueOf(value));
	}

	@Override
	public void println(char[] value) {
		println(String.valueOf(value));
	}

	@Override
	public void println(@Nullable Object value) {
		println(String.valueOf(value));
	}

	@Override
	public void println(@Nullable String text) {
		this.original.println(text);
		tell(String.valueOf(text), true);
	}

	/**
	 * In one piece, so that no other thread's text gets between its parts.
	 */
	@Override
	public PrintStream format(String format, @Nullable Object... arguments) {
		print(String.format(Locale.getDefault(Locale.Category.FORMAT), format, arguments));
		return this;
	}

	@Override
	public PrintStream format(@Nullable Locale locale, String format, @Nullable Object... arguments) {
		print(String.format(locale, format, arguments));
		return this;
	}

	private void tell(String text, boolean ended) {
		this.listener.printed(this, text, ended);
	}

	/**
	 * Is told what is printed, on the thread that prints.
	 */
	@FunctionalInterface
	interface Listener {

		void printed(CapturedStream stream, String text, boolean ended);

	}

}
