package io.telemetry.boot.channel;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Clients that make the server write and do not read, against a Tomcat with ten threads.
 * They are ended and counted, and meanwhile a client that behaves gets every
 * acknowledgement, on both roads.
 */
@Timeout(300)
class ClientsThatDoNotReadTests {

	private ChannelServer server;

	private LogWatch log;

	private Witness witness;

	private final List<RawSocket> sockets = new ArrayList<>();

	private final List<Thread> threads = new ArrayList<>();

	@BeforeEach
	void start() throws Exception {
		this.server = ChannelServer.startWithoutRateLimits("server.tomcat.threads.max=10",
				"telemetry.channel.acknowledged-memory.batches=1000", "telemetry.channel.send-buffer-size=64KB",
				"telemetry.channel.send-time-limit=1s");
		this.server.signals().giveTo((signal) -> {
		});
		this.log = new LogWatch();
		this.witness = Witness.of(this.server);
		this.witness.assertGoesOn();
	}

	@AfterEach
	void nothingIsLeft() throws Exception {
		try {
			this.witness.assertGoesOn();
			Patience.await()
				.atMost(RawSocket.PATIENCE_MS * 4, TimeUnit.MILLISECONDS)
				.until(() -> this.server.stats().connectionsOpen() == 1);
			// Their sockets, too: the container waits a little for their close frames
			Patience.await()
				.atMost(RawSocket.PATIENCE_MS * 4, TimeUnit.MILLISECONDS)
				.until(() -> this.threads.stream().noneMatch(Thread::isAlive));
			this.witness.close();
			assertThat(this.server.stats().processingErrors()).isZero();
			assertThat(this.server.stats().framesRefused()).containsEntry("server-error", 0L);
			this.log.assertNoComplaints();
		}
		finally {
			for (RawSocket socket : this.sockets) {
				socket.close();
			}
			this.log.close();
			this.server.close();
		}
	}

	/**
	 * Tomcat reads on and on from a client that neither stops nor closes, when its
	 * connection is closed, and so has no thread left for others.
	 */
	@Test
	void endedClientsThatGoOnSending() throws Exception {
		attack(16, frame("SEND\ndestination:/app/log/batch\nreceipt:" + "r".repeat(15_000) + "\n\n[]\0"));
		Patience.await()
			.atMost(RawSocket.PATIENCE_MS * 4, TimeUnit.MILLISECONDS)
			.until(() -> this.server.stats().framesRefused().get("bad-frame") == 16);
		try (StompProbe probe = this.server.connect()) {
			probe.batch(Batches.batch("after", "{}"));
			assertThat(probe.awaitAcknowledgement()).contains("accepted");
		}
	}

	@Test
	void acknowledgementsThatNobodyReads() throws Exception {
		attack(16, manyAnswers());
		awaitSlowConsumers(16);
	}

	@Test
	void manyAtOnce() throws Exception {
		int clients = Boolean.getBoolean("telemetry.test.long") ? 200 : 40;
		attack(clients, manyAnswers());
		awaitSlowConsumers(clients);
		// And clients come in as before
		try (StompProbe probe = this.server.connect()) {
			probe.batch(Batches.batch("after", "{}"));
			assertThat(probe.awaitAcknowledgement()).contains("accepted");
		}
	}

	/**
	 * Tomcat answers a ping on the thread that reads it, and waits.
	 */
	@Test
	void pongsThatNobodyReads() throws Exception {
		byte[] ping = RawFrame.of(RawFrame.PING, new byte[125]).bytes();
		byte[] pings = new byte[ping.length * 100];
		for (int i = 0; i < 100; i++) {
			System.arraycopy(ping, 0, pings, i * ping.length, ping.length);
		}
		attack(24, pings);
		for (int i = 0; i < 5; i++) {
			RawSocket.stomp(this.server.port()).close();
			this.witness.assertGoesOn();
		}
	}

	/**
	 * A client reads a byte now and then, so that there is always a little room.
	 */
	@Test
	void answersThatAreReadByteByByte() throws Exception {
		List<RawSocket> slow = attack(8, manyAnswers());
		for (RawSocket socket : slow) {
			run(() -> {
				while (socket.readByte() >= 0) {
					TimeUnit.MILLISECONDS.sleep(1);
				}
			});
		}
		awaitSlowConsumers(8);
		for (RawSocket socket : slow) {
			socket.reset();
		}
	}

	/**
	 * The container closes a session in the middle of a write, because the client is
	 * gone: nobody is to blame, and nobody waits.
	 */
	@Test
	void clientsThatGoInTheMiddleOfAnAnswer() throws Exception {
		byte[] frame = manyAnswers();
		for (int round = 0; round < 5; round++) {
			List<RawSocket> going = attack(8, frame);
			this.witness.assertGoesOn();
			for (RawSocket socket : going) {
				socket.reset();
			}
		}
	}

	/**
	 * Frames that come in pieces while another thread closes, for each of the reasons
	 * that there are.
	 */
	@Test
	void framesInPiecesWhileTheServerCloses() throws Exception {
		String send = "SEND\ndestination:/app/log/batch\nreceipt:" + "r".repeat(250) + "\n\n[]\0";
		String[] lasts = { "DISCONNECT\nreceipt:bye\n\n\0", "SUBSCRIBE\nid:a\ndestination:/nowhere\n\n\0",
				"nonsense\n\n\0", "CONNECT\naccept-version:1.2\n\n\0" };
		AtomicInteger ended = new AtomicInteger();
		int rounds = 40;
		for (int round = 0; round < rounds; round++) {
			RawSocket socket = RawSocket.stomp(this.server.port());
			this.sockets.add(socket);
			byte[] bytes = (send.repeat(3) + lasts[round % lasts.length] + send.repeat(3))
				.getBytes(StandardCharsets.UTF_8);
			int piece = 100 + 37 * round;
			run(() -> {
				for (int start = 0; start < bytes.length; start += piece) {
					socket.send(RawFrame
						.binary(java.util.Arrays.copyOfRange(bytes, start, Math.min(bytes.length, start + piece))));
				}
			});
			String last = lasts[round % lasts.length];
			run(() -> {
				for (int i = 0; i < 3; i++) {
					assertThat(socket.read().text()).startsWith("RECEIPT\nreceipt-id:rrr");
				}
				assertThat(socket.read().text()).startsWith(last.startsWith("DISCONNECT") ? "RECEIPT\n" : "ERROR\n");
				assertThat(socket.read().closeCode()).isEqualTo(last.startsWith("DISCONNECT") ? 1000 : 1008);
				ended.incrementAndGet();
				socket.close();
			});
		}
		Patience.await().until(() -> ended.get() == rounds);
	}

	private static byte[] frame(String frame) {
		return RawFrame.text(frame).bytes();
	}

	/**
	 * Clients that send the same again and again until they are cut, and never read.
	 */
	private List<RawSocket> attack(int clients, byte[] message) throws Exception {
		List<RawSocket> attackers = new ArrayList<>();
		CountDownLatch began = new CountDownLatch(clients);
		for (int i = 0; i < clients; i++) {
			RawSocket socket = RawSocket.narrow(this.server.port());
			this.sockets.add(socket);
			attackers.add(socket);
			socket.send(RawFrame.text("CONNECT\naccept-version:1.2\nheart-beat:0,0\n\n\0"));
			socket.send(RawFrame.text("SUBSCRIBE\nid:acks\ndestination:/user/queue/acks\n\n\0"));
			run(() -> {
				began.countDown();
				while (true) {
					socket.write(message);
				}
			});
		}
		assertThat(began.await(10, TimeUnit.SECONDS)).isTrue();
		return attackers;
	}

	private void run(Attack attack) {
		Thread thread = new Thread(() -> {
			try {
				attack.run();
			}
			catch (IOException | InterruptedException ex) {
				// Cut, as it should be
			}
		}, "attacker");
		thread.setDaemon(true);
		thread.start();
		this.threads.add(thread);
	}

	/**
	 * 33 KB for 2.
	 */
	private static byte[] manyAnswers() {
		return frame("SEND\ndestination:/app/log/batch\n\n" + Batches.batch("big", "1" + ",1".repeat(999)) + "\0");
	}

	private void awaitSlowConsumers(long count) {
		Patience.await()
			.atMost(RawSocket.PATIENCE_MS * 4, TimeUnit.MILLISECONDS)
			.until(() -> this.server.stats().slowConsumers() >= count);
		this.witness.assertGoesOn();
		assertThat(this.server.stats().slowConsumers()).isEqualTo(count);
	}

	@FunctionalInterface
	private interface Attack {

		void run() throws IOException, InterruptedException;

	}

}
