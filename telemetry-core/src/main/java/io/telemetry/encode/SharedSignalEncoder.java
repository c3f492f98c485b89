package io.telemetry.encode;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.ref.WeakReference;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;

import io.telemetry.signal.Signal;
import org.jspecify.annotations.Nullable;

/**
 * An encoder for several handlers of one format: what it made of a signal stays with the
 * signal until the next garbage collection, so that it is made once for all of them. A
 * signal that a handler's own transform, sampling or rate limit made is another one and
 * encoded anew.
 * <p>
 * As long as it has fewer than two {@linkplain #addUser() users}, it hands on to its
 * delegate and keeps nothing. Forms of more than {@value #MAX_KEPT} bytes are never kept.
 * Safe for several threads; two that encode the same signal at the same time may both
 * make it, equal.
 */
public final class SharedSignalEncoder implements SignalEncoder {

	/** Bytes up to which the form of a signal is kept. */
	public static final int MAX_KEPT = 65_536;

	private final SignalEncoder delegate;

	private final AtomicInteger users = new AtomicInteger();

	/**
	 * An encoder without users.
	 * @param delegate what makes the form of a signal
	 */
	public SharedSignalEncoder(SignalEncoder delegate) {
		this.delegate = Objects.requireNonNull(delegate, "delegate");
	}

	/**
	 * Says that one more handler uses this encoder. From the second on forms are kept.
	 * @return this encoder
	 */
	public SharedSignalEncoder addUser() {
		this.users.incrementAndGet();
		return this;
	}

	@Override
	public void encode(Signal signal, OutputStream out) throws IOException {
		if (this.users.get() < 2) {
			this.delegate.encode(signal, out);
			return;
		}
		byte[] known = (signal.memo() instanceof Form form && form.encoder == this) ? form.get() : null;
		if (known != null) {
			out.write(known, 0, known.length);
			return;
		}
		Copy copy = new Copy(out);
		this.delegate.encode(signal, copy);
		byte[] bytes = copy.bytes;
		if (bytes != null) {
			signal.memo(new Form(this, bytes));
		}
	}

	@Override
	public Framing framing() {
		return this.delegate.framing();
	}

	/**
	 * {@inheritDoc} It is for its one terminal and not shared.
	 */
	@Override
	public SignalEncoder coloured() {
		SignalEncoder coloured = this.delegate.coloured();
		return (coloured != this.delegate) ? coloured : this;
	}

	/**
	 * {@inheritDoc} A form that is cut is for its one destination and not shared.
	 */
	@Override
	public SignalEncoder within(int maxBytes) {
		SignalEncoder limited = this.delegate.within(maxBytes);
		return (limited != this.delegate) ? limited : this;
	}

	/**
	 * The bytes of a signal, and whose they are. Weak, because signals may be kept for
	 * long, and handlers that want the same signal mostly do so at about the same time.
	 */
	private static final class Form extends WeakReference<byte[]> {

		private final SharedSignalEncoder encoder;

		Form(SharedSignalEncoder encoder, byte[] bytes) {
			super(bytes);
			this.encoder = encoder;
		}

	}

	/**
	 * Hands bytes on and keeps them too, unless they become too many.
	 */
	private static final class Copy extends FilterOutputStream {

		private byte @Nullable [] bytes = new byte[0];

		Copy(OutputStream out) {
			super(out);
		}

		@Override
		public void write(int b) throws IOException {
			write(new byte[] { (byte) b }, 0, 1);
		}

		@Override
		public void write(byte[] source, int offset, int length) throws IOException {
			this.out.write(source, offset, length);
			byte[] before = this.bytes;
			if (before == null || length > MAX_KEPT - before.length) {
				this.bytes = null;
			}
			else if (before.length == 0) {
				this.bytes = Arrays.copyOfRange(source, offset, offset + length);
			}
			else {
				byte[] all = Arrays.copyOf(before, before.length + length);
				System.arraycopy(source, offset, all, before.length, length);
				this.bytes = all;
			}
		}

	}

}
