package io.telemetry.encode;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;
import org.msgpack.core.MessageBufferPacker;
import org.msgpack.core.MessagePack;

/**
 * A signal as one MessagePack map with the fields and values that
 * {@link JsonSignalEncoder} writes. Decimals ({@link BigDecimal}) and integers of more
 * than 64 bits, for which MessagePack has no type, are texts. Half a surrogate pair
 * becomes the replacement character.
 * <p>
 * Needs {@code org.msgpack:msgpack-core}. Safe for several threads. The destination gets
 * the whole signal in one write or nothing.
 */
public final class MsgpackSignalEncoder extends StructuredEncoder<TreeOutput> {

	private final MessagePack.PackerConfig config = MessagePack.DEFAULT_PACKER_CONFIG;

	@Override
	public Framing framing() {
		return Framing.SELF_DELIMITING;
	}

	@Override
	TreeOutput newOutput() {
		return new PackedOutput(this.config.newBufferPacker());
	}

	/**
	 * MessagePack.
	 */
	private static final class PackedOutput extends TreeOutput {

		private static final int UNSIGNED_LONG = 64;

		private final MessageBufferPacker packer;

		PackedOutput(MessageBufferPacker packer) {
			this.packer = packer;
		}

		@Override
		void number(BigInteger number) {
			if (number.signum() >= 0 && number.bitLength() <= UNSIGNED_LONG || number.bitLength() < UNSIGNED_LONG) {
				add(number);
			}
			else {
				text(number.toString());
			}
		}

		@Override
		void number(BigDecimal number) {
			text(number.toString());
		}

		@Override
		void write(Map<Object, @Nullable Object> signal, ByteArrayOutput target) {
			try {
				this.packer.clear();
				pack(signal);
				byte[] packed = this.packer.toByteArray();
				target.write(packed, 0, packed.length);
			}
			catch (IOException ex) {
				throw new UncheckedIOException("A buffer in memory does not fail", ex);
			}
		}

		private void pack(@Nullable Object value) throws IOException {
			if (value == null) {
				this.packer.packNil();
			}
			else if (value instanceof String text) {
				this.packer.packString(text);
			}
			else if (value instanceof Long number) {
				this.packer.packLong(number);
			}
			else if (value instanceof Double number) {
				this.packer.packDouble(number);
			}
			else if (value instanceof Float number) {
				this.packer.packFloat(number);
			}
			else if (value instanceof BigInteger number) {
				this.packer.packBigInteger(number);
			}
			else if (value instanceof Boolean truth) {
				this.packer.packBoolean(truth);
			}
			else if (value instanceof Map<?, ?> map) {
				this.packer.packMapHeader(map.size());
				for (Map.Entry<?, ?> entry : map.entrySet()) {
					pack(entry.getKey());
					pack(entry.getValue());
				}
			}
			else {
				List<?> list = (List<?>) value;
				this.packer.packArrayHeader(list.size());
				for (Object element : list) {
					pack(element);
				}
			}
		}

	}

}
