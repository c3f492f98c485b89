package io.telemetry.handler.socket;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicReference;

import io.telemetry.encode.ByteArrayOutput;
import io.telemetry.encode.Framing;
import io.telemetry.encode.SignalEncoder;
import io.telemetry.signal.Signal;
import org.jspecify.annotations.Nullable;

/**
 * An encoder's forms with their length before them. Safe for several threads.
 */
final class LengthFramedEncoder implements SignalEncoder {

	private final SignalEncoder delegate;

	private final AtomicReference<@Nullable ByteArrayOutput> spare = new AtomicReference<>();

	LengthFramedEncoder(SignalEncoder delegate) {
		this.delegate = delegate;
	}

	@Override
	public void encode(Signal signal, OutputStream out) throws IOException {
		ByteArrayOutput form = this.spare.getAndSet(null);
		form = (form != null) ? form : new ByteArrayOutput();
		this.delegate.encode(signal, form);
		out.write((form.size() + " ").getBytes(StandardCharsets.US_ASCII));
		form.writeTo(out);
		form.reset();
		this.spare.set(form);
	}

	@Override
	public Framing framing() {
		return Framing.SELF_DELIMITING;
	}

}
