package io.telemetry.boot.channel;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import java.util.zip.GZIPInputStream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Decompression in pieces, against the JDK's own and against what gzip does not allow.
 */
class GunzipTests {

	private static final int LIMIT = 100_000;

	private final Random random = new Random(42);

	@Test
	void piecesOfAnySizeAreTheWholeThatTheJdkReads() throws Exception {
		for (int round = 0; round < 300; round++) {
			byte[] content = content(this.random.nextInt(50_000));
			byte[] gzip = member(content, this.random.nextInt(32), this.random.nextInt(10));
			assertThat(new GZIPInputStream(new ByteArrayInputStream(gzip)).readAllBytes()).isEqualTo(content);
			assertThat(inPieces(gzip, LIMIT)).as("round %s", round).isEqualTo(content);
		}
	}

	@Test
	void membersFollowOneAnother() throws Exception {
		ByteArrayOutputStream gzip = new ByteArrayOutputStream();
		ByteArrayOutputStream content = new ByteArrayOutputStream();
		for (int i = 0; i < 20; i++) {
			byte[] part = content(this.random.nextInt(1000));
			content.write(part);
			gzip.write(member(part, this.random.nextInt(32), 6));
		}
		assertThat(inPieces(gzip.toByteArray(), LIMIT)).isEqualTo(content.toByteArray());
	}

	@Test
	void whatIsCutAnywhereIsNotTaken() {
		byte[] gzip = member(content(200), 31, 6);
		for (int length = 0; length < gzip.length; length++) {
			assertMalformed(Arrays.copyOf(gzip, length));
		}
	}

	@Test
	void whatFollowsAMemberIsNotIgnored() {
		byte[] gzip = member(content(200), 0, 6);
		for (int more = 1; more < 30; more++) {
			assertMalformed(Arrays.copyOf(gzip, gzip.length + more));
		}
		byte[] text = Arrays.copyOf(gzip, gzip.length + 5);
		System.arraycopy("{\"x\":".getBytes(StandardCharsets.US_ASCII), 0, text, gzip.length, 5);
		assertMalformed(text);
	}

	@Test
	void oneWrongBitIsSeenOrMeansNothing() {
		byte[] content = content(300);
		for (int flags : new int[] { 0, 2, 31 }) {
			byte[] gzip = member(content, flags, 6);
			for (int bit = 0; bit < gzip.length * 8; bit++) {
				byte[] wrong = gzip.clone();
				wrong[bit / 8] ^= (byte) (1 << (bit % 8));
				byte[] read;
				try {
					read = gunzip(wrong, LIMIT);
				}
				catch (IOException ex) {
					continue;
				}
				// Time and system of a header without a checksum, codes that stand for
				// nothing
				assertThat(read).as("bit %s", bit).isEqualTo(content);
				assertThat((flags & 2) != 0 && bit < 80).as("bit %s", bit).isFalse();
			}
		}
	}

	@Test
	void noiseIsNotTaken() {
		for (int round = 0; round < 2000; round++) {
			byte[] noise = new byte[this.random.nextInt(200)];
			this.random.nextBytes(noise);
			byte[] begin = { 0x1f, (byte) 0x8b, 8, (byte) this.random.nextInt(32) };
			System.arraycopy(begin, 0, noise, 0, Math.min(noise.length, round % 5));
			assertMalformed(noise);
		}
	}

	@ParameterizedTest
	@ValueSource(ints = { 0x20, 0x40, 0x80, 0xff })
	void reservedFlagsAreNotTaken(int flags) {
		byte[] gzip = member(content(10), 0, 6);
		gzip[3] = (byte) flags;
		assertMalformed(gzip);
	}

	@Test
	void bombIsGivenUpAtTheLimit() throws Exception {
		byte[] bomb = member(new byte[20_000_000], 0, 9);
		assertThat(gunzip(bomb, 1000)).hasSize(1001);
		try (Body body = new Body(1_000_000, true, TestAdmission.roomy())) {
			ByteBuffer pieces = ByteBuffer.wrap(bomb);
			int taken = 0;
			boolean more = true;
			while (more) {
				pieces.limit(Math.min(bomb.length, taken + 100));
				more = body.take(pieces);
				taken += 100;
			}
			assertThat(taken).isLessThan(bomb.length / 10);
			assertThat(body.refusal()).isEqualTo(RefusalReason.TOO_LARGE);
			assertThat(body.length()).isEqualTo(1_000_001);
			assertThat(body.take(ByteBuffer.wrap(bomb))).isFalse();
		}
	}

	@Test
	void exactlyTheLimitIsTaken() throws Exception {
		for (int limit : new int[] { 1024, 8191, 8192, 8193, 50_000 }) {
			assertThat(inPieces(member(content(limit), 0, 6), limit)).hasSize(limit);
			assertThat(inPieces(member(content(limit + 1), 0, 6), limit)).hasSize(limit + 1);
			try (Body body = new Body(limit, false, TestAdmission.roomy())) {
				assertThat(body.take(ByteBuffer.wrap(new byte[limit]))).isTrue();
				assertThat(body.refusal()).isNull();
				assertThat(body.take(ByteBuffer.wrap(new byte[1]))).isFalse();
				assertThat(body.refusal()).isEqualTo(RefusalReason.TOO_LARGE);
			}
		}
	}

	@Test
	void compressedBytesAreBoundedTooThoughNothingComesOut() {
		byte[] empty = member(new byte[0], 0, 6);
		try (Body body = new Body(LIMIT, true, TestAdmission.roomy())) {
			int members = 0;
			while (body.take(ByteBuffer.wrap(empty))) {
				members++;
			}
			assertThat(members).isEqualTo(LIMIT / empty.length);
			assertThat(body.refusal()).isEqualTo(RefusalReason.TOO_LARGE);
		}
	}

	private void assertMalformed(byte[] gzip) {
		assertThatExceptionOfType(IOException.class).isThrownBy(() -> gunzip(gzip, LIMIT));
		assertThatExceptionOfType(IOException.class).isThrownBy(() -> inPieces(gzip, LIMIT));
	}

	private static byte[] gunzip(byte[] gzip, int limit) throws IOException {
		try (Body body = new Body(limit, true, TestAdmission.roomy())) {
			body.take(ByteBuffer.wrap(gzip));
			if (body.refusal() == RefusalReason.MALFORMED) {
				throw new IOException();
			}
			return Arrays.copyOf(body.bytes(), body.length());
		}
	}

	private byte[] inPieces(byte[] gzip, int limit) throws IOException {
		try (Body body = new Body(limit, true, TestAdmission.roomy())) {
			int from = 0;
			int most = 1 + this.random.nextInt(500);
			boolean more = true;
			while (more && from < gzip.length) {
				int length = Math.min(gzip.length - from, this.random.nextInt(most) + 1);
				ByteBuffer piece = this.random.nextBoolean() ? ByteBuffer.allocate(length)
						: ByteBuffer.allocateDirect(length);
				piece.put(gzip, from, length).flip();
				more = body.take(this.random.nextBoolean() ? piece : piece.asReadOnlyBuffer());
				from += length;
			}
			if (body.refusal() == RefusalReason.MALFORMED) {
				throw new IOException();
			}
			return Arrays.copyOf(body.bytes(), body.length());
		}
	}

	/** Some of it compresses well, some not at all. */
	private byte[] content(int length) {
		byte[] content = new byte[length];
		for (int i = 0; i < length; i++) {
			content[i] = (byte) ((i % 1000 < 500) ? 'a' + i % 7 : this.random.nextInt());
		}
		return content;
	}

	/** One member with what the flags ask for: text, checksum, extra, name, comment. */
	private byte[] member(byte[] content, int flags, int level) {
		ByteArrayOutputStream out = new ByteArrayOutputStream();
		out.writeBytes(new byte[] { 0x1f, (byte) 0x8b, 8, (byte) flags, 1, 2, 3, 4, 0, 3 });
		if ((flags & 4) != 0) {
			int extra = this.random.nextInt(3) * 150;
			out.writeBytes(new byte[] { (byte) extra, (byte) (extra >> 8) });
			out.writeBytes(new byte[extra]);
		}
		if ((flags & 8) != 0) {
			out.writeBytes("name\0".getBytes(StandardCharsets.ISO_8859_1));
		}
		if ((flags & 16) != 0) {
			out.writeBytes("a comment\0".getBytes(StandardCharsets.ISO_8859_1));
		}
		CRC32 crc = new CRC32();
		if ((flags & 2) != 0) {
			crc.update(out.toByteArray());
			out.writeBytes(new byte[] { (byte) crc.getValue(), (byte) (crc.getValue() >> 8) });
			crc.reset();
		}
		Deflater deflater = new Deflater(level, true);
		deflater.setInput(content);
		deflater.finish();
		byte[] piece = new byte[10_000];
		while (!deflater.finished()) {
			out.write(piece, 0, deflater.deflate(piece));
		}
		deflater.end();
		crc.update(content);
		for (long number : new long[] { crc.getValue(), content.length }) {
			for (int i = 0; i < 4; i++) {
				out.write((int) (number >> (8 * i)));
			}
		}
		return out.toByteArray();
	}

}
