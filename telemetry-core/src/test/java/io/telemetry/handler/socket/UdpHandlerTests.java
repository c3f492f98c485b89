package io.telemetry.handler.socket;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

import io.telemetry.encode.JsonSignalEncoder;
import io.telemetry.encode.SignalEncoder;
import io.telemetry.encode.SyslogSignalEncoder;
import io.telemetry.handler.HandlerException;
import io.telemetry.signal.Signal;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

@Timeout(120)
class UdpHandlerTests {

	private final AtomicLong nanoTime = new AtomicLong();

	private DatagramSocket receiver;

	@BeforeEach
	void open() throws IOException {
		this.receiver = new DatagramSocket(0, InetAddress.getByName("127.0.0.1"));
		this.receiver.setSoTimeout(30_000);
	}

	@AfterEach
	void close() {
		this.receiver.close();
	}

	@Test
	void eachSignalIsADatagramWithNothingAroundIt() throws Exception {
		try (UdpHandler handler = handler(TcpHandlerTests.MESSAGES)) {
			handler.handle(signal("a"));
			handler.handle(List.of(signal("b\nc"), signal("größer")));
			assertThat(List.of(receive(), receive(), receive())).containsExactly("a", "b\nc", "größer");
		}
	}

	@Test
	void signalOverTheLimitFailsForGoodAndHarmsNoOther() throws Exception {
		Signal large = signal("x".repeat(481));
		Signal bad = signal("bad");
		UdpOptions options = options().withMaxSize(480);
		try (UdpHandler handler = new UdpHandler(TcpHandlerTests.MESSAGES, options)) {
			HandlerException failure = failure(handler, List.of(signal("x".repeat(480)), large, bad, signal("after")));
			assertThat(failure.isRetryable()).isFalse();
			assertThat(failure.failed()).containsExactly(large, bad);
			assertThat(failure).hasMessageContaining("481 bytes").hasMessageContaining("480");
			assertThat(receive()).hasSize(480);
			assertThat(receive()).isEqualTo("after");
		}
	}

	@Test
	void jsonThatIsTooLargeIsNeverCut() throws Exception {
		try (UdpHandler handler = handler(new JsonSignalEncoder())) {
			assertThat(failure(handler, List.of(signal("x".repeat(9000)))).isRetryable()).isFalse();
			handler.handle(signal("small"));
			assertThat(receive()).startsWith("{").endsWith("}").contains("\"msg\":\"small\"");
		}
	}

	@Test
	void syslogThatIsTooLargeIsCut() throws Exception {
		try (UdpHandler handler = new UdpHandler(new SyslogSignalEncoder(), options().withMaxSize(1000))) {
			handler.handle(signal("ö".repeat(9000)));
			String message = receive();
			assertThat(message.getBytes(StandardCharsets.UTF_8)).hasSizeBetween(998, 1000);
			assertThat(message).endsWith("öö…").doesNotContain("\ufffd");
		}
	}

	@Test
	void receiverThatComesLaterGetsWhatIsSentThen() throws Exception {
		int port = this.receiver.getLocalPort();
		try (UdpHandler handler = handler(TcpHandlerTests.MESSAGES)) {
			this.receiver.close();
			// That nobody listens is told of an earlier datagram, when the next is sent.
			Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> fails(handler));
			this.receiver = new DatagramSocket(port, InetAddress.getByName("127.0.0.1"));
			this.receiver.setSoTimeout(30_000);
			Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> !fails(handler));
			assertThat(receive()).isEqualTo("lost");
		}
	}

	private static boolean fails(UdpHandler handler) {
		HandlerException failure = catchThrowableOfType(HandlerException.class, () -> handler.handle(signal("lost")));
		assertThat(failure == null || failure.isRetryable()).isTrue();
		return failure != null;
	}

	@Test
	void hostThatIsUnknownIsARetryableFailureOfEverySignal() throws Exception {
		List<Signal> batch = List.of(signal("a"), signal("bad"), signal("b"));
		try (UdpHandler handler = new UdpHandler(TcpHandlerTests.MESSAGES,
				UdpOptions.of("no-such-host.invalid", 514))) {
			HandlerException failure = failure(handler, batch);
			assertThat(failure.isRetryable()).isTrue();
			assertThat(failure.failed()).isEqualTo(batch);
			assertThat(failure).hasMessageContaining("udp://no-such-host.invalid:514");
		}
	}

	@Test
	void lookingTheHostUpAgainKeepsTheSocket() throws Exception {
		try (UdpHandler handler = handler(TcpHandlerTests.MESSAGES)) {
			handler.handle(signal("a"));
			int port = receivedFrom();
			this.nanoTime.addAndGet(Duration.ofSeconds(31).toNanos());
			handler.handle(signal("b"));
			assertThat(receivedFrom()).isEqualTo(port);
		}
	}

	@Test
	void anInterruptedThreadSendsLikeAnyOther() throws Exception {
		try (UdpHandler handler = handler(TcpHandlerTests.MESSAGES)) {
			Thread.currentThread().interrupt();
			try {
				handler.handle(signal("a"));
			}
			finally {
				assertThat(Thread.interrupted()).isTrue();
			}
			handler.handle(signal("b"));
			assertThat(List.of(receive(), receive())).containsExactly("a", "b");
		}
	}

	@Test
	void closingTwiceIsFineAndWhatComesLaterFailsForGood() throws Exception {
		UdpHandler handler = handler(TcpHandlerTests.MESSAGES);
		handler.handle(signal("a"));
		handler.close();
		handler.close();
		HandlerException failure = failure(handler, List.of(signal("late")));
		assertThat(failure).hasMessageContaining("was closed");
		assertThat(failure.isRetryable()).isFalse();
	}

	@Test
	void optionsThatMakeNoSenseAreRefusedWithValueAndWhatIsAllowed() {
		assertThatIllegalArgumentException().isThrownBy(() -> UdpOptions.of("", 514)).withMessageContaining("host");
		assertThatIllegalArgumentException().isThrownBy(() -> UdpOptions.of("host", -1))
			.withMessage("port must be from 1 to 65535, not -1");
		for (int size : new int[] { 479, 65_508 }) {
			assertThatIllegalArgumentException().isThrownBy(() -> options().withMaxSize(size))
				.withMessage("maxSize must be from 480 to 65507 bytes, not " + size);
		}
	}

	private UdpHandler handler(SignalEncoder encoder) {
		return new UdpHandler(encoder, options(), this.nanoTime::get);
	}

	private UdpOptions options() {
		return UdpOptions.of("127.0.0.1", this.receiver.getLocalPort());
	}

	private static Signal signal(String message) {
		return TcpHandlerTests.signal(message);
	}

	private static HandlerException failure(UdpHandler handler, List<Signal> batch) {
		HandlerException failure = catchThrowableOfType(HandlerException.class, () -> handler.handle(batch));
		assertThat(failure).isNotNull();
		return failure;
	}

	private DatagramPacket packet() throws IOException {
		DatagramPacket packet = new DatagramPacket(new byte[65_536], 65_536);
		this.receiver.receive(packet);
		return packet;
	}

	private String receive() throws IOException {
		DatagramPacket packet = packet();
		return new String(packet.getData(), 0, packet.getLength(), StandardCharsets.UTF_8);
	}

	private int receivedFrom() throws IOException {
		return packet().getPort();
	}

}
