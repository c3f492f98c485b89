package io.telemetry.encode;

import java.util.ArrayList;
import java.util.List;

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
		this.failure = null;
		if (!this.failed.isEmpty()) {
			this.failed = new ArrayList<>(0);
		}
	}

}
