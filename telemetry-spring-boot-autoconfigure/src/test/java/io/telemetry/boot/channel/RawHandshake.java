package io.telemetry.boot.channel;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/**
 * A WebSocket handshake without a client, for headers that clients don't let one set.
 */
final class RawHandshake {

	private RawHandshake() {
	}

	static String send(int port, String headers) throws IOException {
		try (Socket socket = new Socket("localhost", port)) {
			socket.setSoTimeout(10_000);
			socket.getOutputStream()
				.write(("GET /chsk HTTP/1.1\r\nHost: localhost:" + port + "\r\nUpgrade: websocket\r\n"
						+ "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
						+ "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: v12.stomp\r\n" + headers + "\r\n")
					.getBytes(StandardCharsets.US_ASCII));
			StringBuilder answer = new StringBuilder();
			for (int next = socket.getInputStream().read(); next >= 0; next = socket.getInputStream().read()) {
				answer.append((char) next);
				if (answer.toString().endsWith("\r\n\r\n")) {
					break;
				}
			}
			return answer.toString();
		}
	}

}
