package io.telemetry.encode;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

import io.telemetry.signal.Signal;
import org.jspecify.annotations.Nullable;

/**
 * Signals encoded one after the other, each with the line end that its
 * {@linkplain SignalEncoder#framing() framing} asks for, so that a destination can write
 * a batch at once. A signal whose encoder throws leaves nothing behind. Not safe for
 * several threads.
 */
public final class Lines {

	private final SignalEncoder encoder;

	private final ByteArrayOutput bytes = new ByteArrayOutput();

	/** Where each line ends. */
	private int[] ends = new int[16];

	private int count;

	private int written;

	private List<Signal> failed = new ArrayList<>(0);

	private @Nullable Throwable failure;

	/**
	 * No lines yet.
	 * @param encoder what makes the text of a signal
	 */
	public Lines(SignalEncoder encoder) {
		this.encoder = encoder;
	}

	/**
	 * Adds one signal, or takes note that it can't be encoded.
	 * @param signal the signal
	 */
	public void add(Signal signal) {
		int before = this.bytes.size();
		try {
			this.encoder.encode(signal, this.bytes);
			if (this.encoder.framing() == Framing.LINES) {
				this.bytes.write('\n');
			}
			if (this.count == this.ends.length) {
				this.ends = Arrays.copyOf(this.ends, 2 * this.count);
			}
			this.ends[this.count++] = this.bytes.size();
		}
		catch (VirtualMachineError ex) {
			if (!(ex instanceof StackOverflowError)) {
				throw ex;
			}
			leaveOut(signal, before, ex);
		}
		catch (Throwable ex) {
			leaveOut(signal, before, ex);
		}
	}

	private void leaveOut(Signal signal, int size, Throwable cause) {
		this.bytes.truncate(size);
		this.failed.add(signal);
		this.failure = (this.failure != null) ? this.failure : cause;
	}

	/**
	 * The lines.
	 * @return the bytes of all signals that could be encoded, good until the next change
	 */
	public ByteArrayOutput bytes() {
		return this.bytes;
	}

	/**
	 * How many signals are among the lines.
	 * @return the number of signals that could be encoded
	 */
	public int count() {
		return this.count;
	}

	/**
	 * Where the lines of some signals end.
	 * @param count how many signals, from the first on
	 * @return the number of bytes that they take
	 * @throws IndexOutOfBoundsException if there are fewer
	 */
	public int size(int count) {
		Objects.checkIndex(count, this.count + 1);
		return (count > 0) ? this.ends[count - 1] : 0;
	}

	/**
	 * How many signals the destination has written, so that it is known which are left
	 * where it fails half-way.
	 * @return the number of signals, from the first on
	 */
	public int written() {
		return this.written;
	}

	/**
	 * Says how many signals are written.
	 * @param count the number of signals, from the first on
	 */
	public void written(int count) {
		this.written = Objects.checkIndex(count, this.count + 1);
	}

	/**
	 * The signals that are not among the lines.
	 * @return those whose encoder threw, in order
	 */
	public List<Signal> failed() {
		return this.failed;
	}

	/**
	 * Why the first signal that failed did.
	 * @return what the encoder threw, or {@code null} if none failed
	 */
	public @Nullable Throwable failure() {
		return this.failure;
	}

	/**
	 * Forgets everything, to be used again.
	 */
	public void reset() {
		this.bytes.reset();
		this.count = 0;
		this.written = 0;
		this.failure = null;
		if (!this.failed.isEmpty()) {
			this.failed = new ArrayList<>(0);
		}
	}

}
