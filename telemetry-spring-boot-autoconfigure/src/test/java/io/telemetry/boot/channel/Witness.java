package io.telemetry.boot.channel;

import java.net.http.HttpResponse;
import java.util.concurrent.atomic.AtomicLong;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A client that behaves, while others don't: on a thread of its own it sends one batch
 * after the other, in turns over a STOMP connection and as POST, and waits for each
 * acknowledgement. It fails where one stays away or is not what it has to be.
 */
final class Witness implements AutoCloseable {

	private static final AtomicLong WITNESSES = new AtomicLong();

	private final String session = "witness-" + WITNESSES.incrementAndGet();

	private final ChannelServer server;

	private final StompProbe probe;

	private final Thread thread = new Thread(this::run, "witness");

	private final AtomicLong served = new AtomicLong();

	private volatile boolean stopped;

	private volatile Throwable failure;

	private Witness(ChannelServer server) throws Exception {
		this.server = server;
		this.probe = server.connect("session-id", this.session);
		this.thread.setDaemon(true);
		this.thread.start();
	}

	static Witness of(ChannelServer server) throws Exception {
		return new Witness(server);
	}

	private void run() {
		try {
			while (!this.stopped) {
				String id = "fine-" + this.served.get();
				String answer = "{\"batch\":\"" + id
						+ "\",\"status\":\"accepted\",\"accepted\":2,\"rejected\":[],\"duplicate\":false}";
				String[] events = { "{\"type\":\"log\",\"message\":\"fine\"}", "{\"type\":\"analytics\"}" };
				if (this.served.get() % 2 == 0) {
					this.probe.batch(Batches.batch(id, events));
					assertThat(this.probe.awaitAcknowledgement()).isEqualTo(answer);
				}
				else {
					HttpResponse<String> response = this.server.post(Batches.of(this.session, id, events));
					assertThat(response.body()).isEqualTo(answer);
				}
				this.served.incrementAndGet();
			}
		}
		catch (Throwable ex) {
			this.failure = ex;
		}
	}

	/**
	 * How many of its batches have been acknowledged.
	 */
	long served() {
		return this.served.get();
	}

	/**
	 * Waits until both roads have served it once more, from now on.
	 */
	void assertGoesOn() {
		long before = this.served.get();
		Patience.await().until(() -> this.failure != null || this.served.get() >= before + 3);
		assertUnharmed();
	}

	private void assertUnharmed() {
		if (this.failure != null) {
			throw new AssertionError("The witness was harmed after " + this.served + " batches", this.failure);
		}
	}

	@Override
	public void close() {
		this.stopped = true;
		Patience.await().until(() -> !this.thread.isAlive());
		this.probe.close();
		assertUnharmed();
	}

}
