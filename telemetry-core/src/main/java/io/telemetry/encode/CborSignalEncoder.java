package io.telemetry.encode;

import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.dataformat.cbor.CBORFactory;

/**
 * A signal as one CBOR data item (RFC 8949), a map with the fields and values that
 * {@link JsonSignalEncoder} writes; numbers too large for 64 bits are bignums and decimal
 * fractions. Several in a row are a CBOR sequence (RFC 8742). Half a surrogate pair
 * becomes the replacement character.
 * <p>
 * Needs {@code tools.jackson.dataformat:jackson-dataformat-cbor}. Safe for several
 * threads. The destination gets the whole signal in one write or nothing.
 */
public final class CborSignalEncoder extends StructuredEncoder<GeneratorOutput> {

	private final CBORFactory factory = new CBORFactory();

	@Override
	public Framing framing() {
		return Framing.SELF_DELIMITING;
	}

	@Override
	GeneratorOutput newOutput() {
		ByteArrayOutput bytes = new ByteArrayOutput();
		JsonGenerator generator = this.factory.createGenerator(ObjectWriteContext.empty(), bytes);
		return new GeneratorOutput(generator, bytes);
	}

}
