package io.telemetry.boot.channel;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * One WebSocket frame (RFC 6455, 5.2), also one that breaks every rule.
 *
 * @param fin whether it ends its message
 * @param reserved the three reserved bits, 0 to 7
 * @param opcode the four bits of the opcode, 0 to 15
 * @param mask the masking key; {@code null} where the frame is not masked
 * @param payload what the frame holds, unmasked
 * @param statedLength the length that it says it holds
 * @param lengthBytes how the length is written: 0 in seven bits, 2 or 8 in further bytes
 */
record RawFrame(boolean fin, int reserved, int opcode, byte[] mask, byte[] payload, long statedLength,
		int lengthBytes) {

	static final int CONTINUATION = 0;

	static final int TEXT = 1;

	static final int BINARY = 2;

	static final int CLOSE = 8;

	static final int PING = 9;

	static final int PONG = 10;

	private static final byte[] MASK = { 0x11, 0x22, 0x33, 0x44 };

	/**
	 * A frame as a client has to send it.
	 */
	static RawFrame of(int opcode, byte[] payload) {
		return new RawFrame(true, 0, opcode, MASK, payload, payload.length, shortest(payload.length));
	}

	static RawFrame text(String text) {
		return of(TEXT, text.getBytes(StandardCharsets.UTF_8));
	}

	static RawFrame binary(byte[] bytes) {
		return of(BINARY, bytes);
	}

	static RawFrame close(int code, String reason) {
		ByteArrayOutputStream payload = new ByteArrayOutputStream();
		payload.write(code >> 8);
		payload.write(code);
		payload.writeBytes(reason.getBytes(StandardCharsets.UTF_8));
		return of(CLOSE, payload.toByteArray());
	}

	static int shortest(long length) {
		if (length < 126) {
			return 0;
		}
		return (length <= 0xffff) ? 2 : 8;
	}

	RawFrame withFin(boolean fin) {
		return new RawFrame(fin, this.reserved, this.opcode, this.mask, this.payload, this.statedLength,
				this.lengthBytes);
	}

	RawFrame withReserved(int reserved) {
		return new RawFrame(this.fin, reserved, this.opcode, this.mask, this.payload, this.statedLength,
				this.lengthBytes);
	}

	RawFrame withOpcode(int opcode) {
		return new RawFrame(this.fin, this.reserved, opcode, this.mask, this.payload, this.statedLength,
				this.lengthBytes);
	}

	RawFrame unmasked() {
		return new RawFrame(this.fin, this.reserved, this.opcode, null, this.payload, this.statedLength,
				this.lengthBytes);
	}

	/**
	 * The same frame, saying that it has another length.
	 */
	RawFrame stating(long length, int lengthBytes) {
		return new RawFrame(this.fin, this.reserved, this.opcode, this.mask, this.payload, length, lengthBytes);
	}

	/**
	 * The code of a close frame, or 1005 where it has none.
	 */
	int closeCode() {
		return (this.payload.length >= 2) ? (this.payload[0] & 0xff) << 8 | this.payload[1] & 0xff : 1005;
	}

	/**
	 * What the frame holds, of a close frame the reason.
	 */
	String text() {
		int start = (this.opcode == CLOSE) ? Math.min(2, this.payload.length) : 0;
		return new String(this.payload, start, this.payload.length - start, StandardCharsets.UTF_8);
	}

	byte[] bytes() {
		ByteArrayOutputStream out = new ByteArrayOutputStream(this.payload.length + 14);
		out.write((this.fin ? 0x80 : 0) | (this.reserved & 7) << 4 | this.opcode & 15);
		int masked = (this.mask != null) ? 0x80 : 0;
		if (this.lengthBytes == 0) {
			out.write(masked | (int) this.statedLength & 0x7f);
		}
		else {
			out.write(masked | ((this.lengthBytes == 2) ? 126 : 127));
			for (int i = this.lengthBytes - 1; i >= 0; i--) {
				out.write((int) (this.statedLength >>> 8 * i));
			}
		}
		byte[] body = this.payload;
		if (this.mask != null) {
			out.writeBytes(this.mask);
			body = Arrays.copyOf(body, body.length);
			for (int i = 0; i < body.length; i++) {
				body[i] ^= this.mask[i & 3];
			}
		}
		out.writeBytes(body);
		return out.toByteArray();
	}

}
