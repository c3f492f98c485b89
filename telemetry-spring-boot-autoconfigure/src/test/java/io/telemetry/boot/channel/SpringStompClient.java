package io.telemetry.boot.channel;

import java.lang.reflect.Type;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

import org.springframework.messaging.simp.stomp.StompFrameHandler;
import org.springframework.messaging.simp.stomp.StompHeaders;
import org.springframework.messaging.simp.stomp.StompSession;
import org.springframework.messaging.simp.stomp.StompSessionHandlerAdapter;
import org.springframework.web.socket.client.standard.StandardWebSocketClient;
import org.springframework.web.socket.messaging.WebSocketStompClient;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Spring's STOMP client, set up as an application would.
 */
public final class SpringStompClient {

	private SpringStompClient() {
	}

	public static StompSession connect(String url) throws Exception {
		WebSocketStompClient client = new WebSocketStompClient(new StandardWebSocketClient());
		return client.connectAsync(url, new StompSessionHandlerAdapter() {
		}).get(10, TimeUnit.SECONDS);
	}

	public static BlockingQueue<String> subscribe(StompSession session, String destination) throws Exception {
		BlockingQueue<String> messages = new LinkedBlockingQueue<>();
		session.subscribe(destination, new StompFrameHandler() {

			@Override
			public Type getPayloadType(StompHeaders headers) {
				return byte[].class;
			}

			@Override
			public void handleFrame(StompHeaders headers, Object payload) {
				messages.add(new String((byte[]) payload, StandardCharsets.UTF_8));
			}

		});
		return messages;
	}

	static void assertThatBatchIsAcknowledged(int port) throws Exception {
		StompSession session = connect("ws://localhost:" + port + "/chsk");
		BlockingQueue<String> acknowledgements = subscribe(session, "/user/queue/acks");
		session.send("/app/log/batch", Batches.batch("spring", "{}").getBytes(StandardCharsets.UTF_8));
		assertThat(acknowledgements.poll(10, TimeUnit.SECONDS)).contains("\"batch\":\"spring\"", "accepted");
		session.disconnect();
	}

}
