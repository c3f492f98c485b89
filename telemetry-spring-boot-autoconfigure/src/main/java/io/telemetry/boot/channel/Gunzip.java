package io.telemetry.boot.channel;

import java.nio.ByteBuffer;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * Decompresses gzip (RFC 1952) as it is handed in, because {@code GZIPInputStream} has to
 * wait for what comes next. Members that follow one another are one text; anything else
 * behind a member is an error, and so is a checksum that is not right. Not safe for
 * several threads.
 */
final class Gunzip implements AutoCloseable {

	private static final int HEADER_CRC = 2;

	private static final int EXTRA = 4;

	private static final int NAME = 8;

	private static final int COMMENT = 16;

	private static final int RESERVED = 0xe0;

	private static final byte[] NOTHING = new byte[0];

	private final Inflater inflater = new Inflater(true);

	/** Of the member's header, then of its content. */
	private final CRC32 crc = new CRC32();

	private Part part = Part.FIXED;

	/** Bytes of the part that were read. */
	private int index;

	private int flags;

	/** A number that comes in several bytes, the lowest first. */
	private long number;

	private int extraLength;

	private boolean any;

	/**
	 * Decompresses the next piece until it ends or the output is full.
	 * @param piece compressed bytes
	 * @param out where to put what they mean
	 * @throws DataFormatException if they are no gzip
	 */
	void take(ByteBuffer piece, BoundedBytes out) throws DataFormatException {
		while (piece.hasRemaining() && !out.isFull()) {
			switch (this.part) {
				case CONTENT -> inflate(piece, out);
				case CHECKSUM -> number(piece.get(), 4, this.crc.getValue());
				case LENGTH -> number(piece.get(), 4, this.inflater.getBytesWritten() & 0xffffffffL);
				default -> header(piece.get() & 0xff);
			}
		}
	}

	/**
	 * Whether what was handed in is gzip from its beginning to its end.
	 */
	boolean isComplete() {
		return this.any && this.part == Part.FIXED && this.index == 0;
	}

	private void header(int b) throws DataFormatException {
		if (this.part == Part.HEADER_CRC) {
			number((byte) b, 2, this.crc.getValue() & 0xffff);
			return;
		}
		this.crc.update(b);
		switch (this.part) {
			case FIXED -> fixed(b);
			case EXTRA_LENGTH -> {
				this.extraLength |= b << (8 * this.index);
				if (++this.index == 2) {
					begin((this.extraLength > 0) ? Part.EXTRA : afterExtra());
				}
			}
			case EXTRA -> {
				if (++this.index == this.extraLength) {
					begin(afterExtra());
				}
			}
			case NAME -> {
				if (b == 0) {
					begin(afterName());
				}
			}
			default -> {
				if (b == 0) {
					begin(afterComment());
				}
			}
		}
	}

	private void fixed(int b) throws DataFormatException {
		boolean wrong = switch (this.index) {
			case 0 -> b != 0x1f;
			case 1 -> b != 0x8b;
			case 2 -> b != 8;
			case 3 -> (b & RESERVED) != 0;
			default -> false;
		};
		if (wrong) {
			throw new DataFormatException("No gzip header");
		}
		if (this.index == 3) {
			this.flags = b;
		}
		if (++this.index == 10) {
			this.extraLength = 0;
			begin(((this.flags & EXTRA) != 0) ? Part.EXTRA_LENGTH : afterExtra());
		}
	}

	private Part afterExtra() {
		return ((this.flags & NAME) != 0) ? Part.NAME : afterName();
	}

	private Part afterName() {
		return ((this.flags & COMMENT) != 0) ? Part.COMMENT : afterComment();
	}

	private Part afterComment() {
		return ((this.flags & HEADER_CRC) != 0) ? Part.HEADER_CRC : Part.CONTENT;
	}

	private void begin(Part next) {
		this.part = next;
		this.index = 0;
		this.number = 0;
		if (next == Part.CONTENT) {
			this.crc.reset();
			this.inflater.reset();
		}
	}

	private void inflate(ByteBuffer piece, BoundedBytes out) throws DataFormatException {
		this.inflater.setInput(piece);
		int inflated = 0;
		do {
			// All input may be used up while there is still output to come
			int room = out.room();
			if (room == 0) {
				break;
			}
			inflated = this.inflater.inflate(out.array(), out.length(), room);
			this.crc.update(out.array(), out.length(), inflated);
			out.grow(inflated);
		}
		while (inflated > 0 && !out.isFull());
		// The piece is not ours to keep
		this.inflater.setInput(NOTHING);
		if (this.inflater.finished()) {
			begin(Part.CHECKSUM);
		}
		else if (this.inflater.needsDictionary()) {
			throw new DataFormatException("A dictionary is asked for");
		}
	}

	private void number(byte b, int bytes, long expected) throws DataFormatException {
		this.number |= (b & 0xffL) << (8 * this.index);
		if (++this.index < bytes) {
			return;
		}
		if (this.number != expected) {
			throw new DataFormatException("A checksum or length is not right");
		}
		switch (this.part) {
			case HEADER_CRC -> begin(Part.CONTENT);
			case CHECKSUM -> begin(Part.LENGTH);
			default -> {
				this.any = true;
				this.crc.reset();
				begin(Part.FIXED);
			}
		}
	}

	@Override
	public void close() {
		this.inflater.end();
	}

	private enum Part {

		FIXED, EXTRA_LENGTH, EXTRA, NAME, COMMENT, HEADER_CRC, CONTENT, CHECKSUM, LENGTH

	}

}
