package io.telemetry.boot.channel;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;

import io.telemetry.signal.Uid;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class StoredBatchTests {

	private static final Uid UID = Uid.derivedFrom("batch");

	private static final Identity FULL = new Identity("s-1", "jörg\n𝄞", "c-1", "somebody", "shop", "10.0.0.0",
			Map.of("browser", "Firefox 1"));

	private static ByteBuffer bytes(StoredBatch batch) {
		ByteBuffer head = batch.head();
		ByteBuffer all = ByteBuffer.allocate(head.remaining() + batch.body().remaining());
		return all.put(head).put(batch.body().duplicate()).flip();
	}

	private static ByteBuffer body() {
		return ByteBuffer.wrap("{\"events\":[]}".getBytes(StandardCharsets.UTF_8));
	}

	@Test
	void whatIsWrittenIsRead() {
		Instant received = Instant.parse("2026-01-01T00:00:00.123456789Z");
		for (Identity identity : List.of(FULL, new Identity("s", "u", null, null, null, null, Map.of()))) {
			StoredBatch batch = new StoredBatch(UID, received, identity, body());
			assertThat(StoredBatch.read(bytes(batch))).isEqualTo(batch);
		}
	}

	@Test
	void receiptIsReadAsItWasWritten() {
		for (Answer.Accepted answer : List.of(new Answer.Accepted("b-1", 3, List.of(), false), new Answer.Accepted(null,
				0, Arrays.stream(RejectReason.values()).map((reason) -> new Rejection(7, reason)).toList(), false))) {
			StoredBatch.Receipt receipt = new StoredBatch.Receipt(UID, answer);
			assertThat(StoredBatch.Receipt.read(receipt.toBytes())).isEqualTo(receipt);
		}
	}

	@Test
	void receiptOfTheWorstBatchFits() {
		ChannelSettings.Limits limits = ChannelSettings.Limits.DEFAULTS;
		Rejection[] all = new Rejection[limits.maxEvents()];
		Arrays.fill(all, new Rejection(Integer.MAX_VALUE, RejectReason.NOT_AN_OBJECT));
		Answer.Accepted answer = new Answer.Accepted("𝄞".repeat(32), 0, List.of(all), false);
		assertThat(new StoredBatch.Receipt(UID, answer).toBytes())
			.hasSizeLessThanOrEqualTo(StoredBatch.maxReceipt(limits));
	}

	@Test
	void whatIsCutOrChangedIsRefusedOrReadButNeverFailsOtherwise() {
		byte[] batch = bytes(new StoredBatch(UID, Instant.EPOCH, FULL, ByteBuffer.allocate(0))).array();
		byte[] receipt = new StoredBatch.Receipt(UID,
				new Answer.Accepted("b", 1, List.of(new Rejection(0, RejectReason.TOO_DEEP)), false))
			.toBytes();
		for (int length = 0; length < batch.length; length++) {
			ByteBuffer cut = ByteBuffer.wrap(Arrays.copyOf(batch, length));
			assertThatIllegalArgumentException().isThrownBy(() -> StoredBatch.read(cut));
		}
		for (int length = 0; length < receipt.length; length++) {
			byte[] cut = Arrays.copyOf(receipt, length);
			assertThatIllegalArgumentException().isThrownBy(() -> StoredBatch.Receipt.read(cut));
		}
		Random random = new Random(1);
		for (int i = 0; i < 20_000; i++) {
			byte[] changed = (i % 2 == 0) ? batch.clone() : receipt.clone();
			for (int j = random.nextInt(4); j >= 0; j--) {
				changed[random.nextInt(changed.length)] = (byte) random.nextInt();
			}
			try {
				if (i % 2 == 0) {
					StoredBatch.read(ByteBuffer.wrap(changed));
				}
				else {
					StoredBatch.Receipt.read(changed);
				}
			}
			catch (IllegalArgumentException | java.time.DateTimeException ex) {
				// Refused
			}
		}
	}

	@Test
	void namesThatAreTooLongAreRefused() {
		Identity endless = new Identity("s", "u".repeat(100_000), null, null, null, null, Map.of());
		assertThatIllegalArgumentException()
			.isThrownBy(() -> new StoredBatch(UID, Instant.EPOCH, endless, body()).head())
			.withMessageContaining("65536");
	}

	@Test
	void anotherVersionIsRefused() {
		assertThatIllegalArgumentException().isThrownBy(() -> StoredBatch.read(ByteBuffer.wrap(new byte[] { 2 })))
			.withMessageContaining("version 2");
	}

}
