package io.telemetry.boot.channel;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;

/**
 * What a client sends that means harm: batches, STOMP frames, WebSocket frames and
 * requests that begin as valid ones and then go wrong in their values, lengths, nesting,
 * escapes and bytes. One per source of chance, and so per thread.
 */
final class Hostile {

	/** A value that clients put where only the server has something to say. */
	static final String FORGED = "FORGED";

	private static final String[] TOKENS = { "{", "}", "[", "]", "\"", ",", ":", "\\", "\\u0000", "\\ud800", "\0", "\n",
			"\r", "\r\n", "\n\n", "\u001b[2J", "-", "1e999", "null", "true", "\u00ff", "\u2028", "\ufeff", "\u202e" };

	private static final String[] RESERVED = { "source", "sessionId", "session-id", "userId", "user-id",
			"claimedUserId", "connectionId", "connection-id", "browserTimestamp", "serverReceiveTime", "clockSkewMs",
			"clock-skew-ms", "serverId", "region", "serverId?", "region?" };

	private static final String[] KNOWN = { "type", "subtype", "severity", "level", "message", "stack", "url", "method",
			"page", "action", "elementId", "timestamp", "status", "durationMs", "cached", "context", "location",
			"timing", "resources", "errorType", "dns-lookup", "status-code", "cached?" };

	private static final String[] DESTINATIONS = { "/app/log/batch", "/app/log/batch", "/app/log/batch",
			"/app/log/urgent", "/user/queue/acks", "/user/queue/acks", "/user/queue/control", "/topic/control",
			"/topic/signals", "/topic/*", "/topic/**", "/topic/../user/queue/acks", "/app/../topic/control",
			"/app/log/%62atch", "/user/bob/queue/acks", "/queue/acks-user1", "/app/", "/app", "", "/", "*", "/**",
			"/app/log/batch\\n", "/app/log/batch\\c", "/APP/log/batch", "//app/log/batch", "/app/diagnostics/1",
			"/app/\u001b[31m", "{a}", "/topic/{a}", "/app/\u202egol" };

	private static final String[] HEADERS = { "destination", "id", "receipt", "content-type", "content-encoding",
			"session-id", "user-id", "host", "login", "passcode", "accept-version", "heart-beat", "selector", "ack",
			"transaction", "message-id", "subscription", "simpSessionId", "simpUser", "simpDestination",
			"simpMessageType", "nativeHeaders", "stompCommand", "version", "server", "Authorization", "ticket",
			"content-length", "x" };

	private static final String[] HEADER_VALUES = { "", "1", "0,0", "10000,10000", "-1,-1", "1,", ",", "a,b",
			"99999999999999999999,0", "1,1", "2147483648,9223372036854775807", "1.2", "1.1,1.2", "2.0", "gzip",
			"identity", "br", "GZIP", "application/json", "text/plain;charset=UTF-16", "text/plain;charset=no",
			"nonsense", "a/b;c=\"\\n\"", "*/*", "/", "text/*;q=2", "T(java.lang.Runtime).getRuntime().exit(1)",
			"headers['x']", "a\\nb", "a\\r\\nSet-Cookie\\cx", "\\", "\\t", "\\x", "\u001b[2J", "\u202e", "é", "\u0080",
			"../../etc", "s-1", "r", "MESSAGE", "-5", "0", "5", "2147483647", "2147483648", "999999999", "1 ", "+1",
			FORGED };

	private static final String[] COMMANDS = { "SEND", "SEND", "SEND", "SEND", "SUBSCRIBE", "SUBSCRIBE", "UNSUBSCRIBE",
			"CONNECT", "STOMP", "DISCONNECT", "ACK", "NACK", "BEGIN", "COMMIT", "ABORT", "MESSAGE", "CONNECTED",
			"RECEIPT", "ERROR", "connect", "", " SEND", "SEND ", "SENDS", "SE", "GET / HTTP/1.1" };

	private static final int[] CLOSE_CODES = { 0, 999, 1000, 1001, 1004, 1005, 1006, 1007, 1011, 1012, 1015, 1016, 2999,
			3000, 4999, 5000, 65535 };

	private static final byte[] BOMB = Batches.gzip("{\"batch\":\"bomb\",\"x\":\"" + "0".repeat(2_000_000));

	private final SplittableRandom random;

	Hostile(SplittableRandom random) {
		this.random = random;
	}

	private boolean oneIn(int times) {
		return this.random.nextInt(times) == 0;
	}

	private <T> T oneOf(T[] choices) {
		return choices[this.random.nextInt(choices.length)];
	}

	private byte[] bytes(int length) {
		byte[] bytes = new byte[length];
		for (int i = 0; i < length; i++) {
			bytes[i] = (byte) this.random.nextInt(256);
		}
		return bytes;
	}

	/**
	 * The bytes, or some that are nearly the same.
	 */
	byte[] mutated(byte[] original) {
		byte[] bytes = original;
		int mutations = oneIn(2) ? 0 : 1 + this.random.nextInt(4);
		for (int i = 0; i < mutations && bytes.length > 0; i++) {
			int at = this.random.nextInt(bytes.length);
			int end = at + this.random.nextInt(Math.min(bytes.length - at, 200) + 1);
			bytes = switch (this.random.nextInt(7)) {
				case 0 -> {
					byte[] copy = Arrays.copyOf(bytes, bytes.length);
					copy[at] ^= (byte) (1 << this.random.nextInt(8));
					yield copy;
				}
				case 1 -> replaced(bytes, at, at + 1, bytes(1));
				case 2 -> replaced(bytes, at, at + (oneIn(2) ? 1 : 0),
						oneOf(TOKENS).getBytes(oneIn(2) ? StandardCharsets.UTF_8 : StandardCharsets.ISO_8859_1));
				case 3 -> replaced(bytes, at, end, new byte[0]);
				case 4 -> replaced(bytes, at, at, Arrays.copyOfRange(bytes, at, end));
				case 5 -> Arrays.copyOf(bytes, at);
				default -> replaced(bytes, at, at, bytes(this.random.nextInt(8)));
			};
		}
		return bytes;
	}

	private static byte[] replaced(byte[] bytes, int start, int end, byte[] by) {
		byte[] result = Arrays.copyOf(bytes, bytes.length - (end - start) + by.length);
		System.arraycopy(by, 0, result, start, by.length);
		System.arraycopy(bytes, end, result, start + by.length, bytes.length - end);
		return result;
	}

	/**
	 * A batch, most of the time.
	 */
	byte[] batch() {
		if (oneIn(50)) {
			return bytes(this.random.nextInt(200));
		}
		String text = oneIn(15) ? events() : batchText();
		return mutated(encoded(text));
	}

	private byte[] encoded(String text) {
		byte[] bytes = surrogatesAsBytes(text);
		return switch (this.random.nextInt(60)) {
			case 0 -> text.getBytes(StandardCharsets.UTF_16BE);
			case 1 -> text.getBytes(StandardCharsets.UTF_16LE);
			case 2 -> text.getBytes(StandardCharsets.ISO_8859_1);
			case 3 -> ("\ufeff" + text).getBytes(StandardCharsets.UTF_8);
			default -> bytes;
		};
	}

	/**
	 * UTF-8, in which halves of characters are written as if they were whole ones.
	 */
	private static byte[] surrogatesAsBytes(String text) {
		ByteArrayOutputStream out = new ByteArrayOutputStream();
		text.codePoints().forEach((c) -> {
			if (c >= 0xd800 && c < 0xe000) {
				out.write(0xe0 | c >> 12);
				out.write(0x80 | c >> 6 & 0x3f);
				out.write(0x80 | c & 0x3f);
			}
			else {
				out.writeBytes(Character.toString(c).getBytes(StandardCharsets.UTF_8));
			}
		});
		return out.toByteArray();
	}

	private String batchText() {
		List<String> members = new java.util.ArrayList<>();
		members.add("\"batch\":" + (oneIn(20) ? value(1) : "\"b-" + this.random.nextInt(1000) + "\""));
		members.add("\"events\":" + (oneIn(30) ? value(1) : events()));
		member(members, "seq", "17");
		member(members, "sentAt", "1767225600123");
		member(members, "session", "{\"id\":" + (oneIn(3) ? value(3) : "\"s-" + this.random.nextInt(100) + "\"") + "}");
		member(members, "user", "{\"id\":" + (oneIn(3) ? value(3) : "\"alice\"") + "}");
		member(members, "dropped",
				"{" + string() + ":" + number() + ",\"buffer-full\":" + this.random.nextInt(5) + "}");
		member(members, "more", value(1));
		if (oneIn(20)) {
			members.add(oneOf(members.toArray(String[]::new)));
		}
		if (oneIn(20)) {
			members.remove(this.random.nextInt(members.size()));
		}
		Collections.shuffle(members, new java.util.Random(this.random.nextLong()));
		return "{" + String.join(oneIn(40) ? "" : ",", members) + (oneIn(100) ? ",}" : "}");
	}

	private void member(List<String> members, String name, String value) {
		if (oneIn(2)) {
			members.add("\"" + name + "\":" + (oneIn(6) ? value(1) : value));
		}
	}

	private String events() {
		int count = oneIn(40) ? this.random.nextInt(1200) : this.random.nextInt(5);
		StringBuilder text = new StringBuilder("[");
		for (int i = 0; i < count; i++) {
			text.append((i > 0) ? "," : "").append((count > 5) ? "{}" : event());
		}
		return text.append(']').toString();
	}

	private String event() {
		if (oneIn(12)) {
			return value(1);
		}
		StringBuilder text = new StringBuilder("{");
		String separator = "";
		int fields = this.random.nextInt(8);
		for (int i = 0; i < fields; i++) {
			text.append(separator);
			separator = ",";
			switch (this.random.nextInt(4)) {
				case 0 -> text.append('"')
					.append(oneOf(RESERVED))
					.append("\":")
					.append(oneIn(4) ? value(1) : "\"" + FORGED + "\"");
				case 1 -> text.append(string()).append(':').append(value(1));
				case 2 -> text.append('"').append(oneOf(KNOWN)).append("\":").append(value(1));
				default -> text.append(switch (this.random.nextInt(8)) {
					case 0 -> "\"type\":\"error\"";
					case 1 -> "\"type\":\"log\"";
					case 2 -> "\"type\":\"metric\"";
					case 3 -> "\"subtype\":\"t-" + this.random.nextInt(2000) + "\"";
					case 4 -> "\"message\":" + string();
					case 5 -> "\"stack\":" + string();
					case 6 -> "\"timestamp\":" + number();
					default -> "\"level\":\"warn\"";
				});
			}
		}
		return text.append('}').toString();
	}

	private String value(int depth) {
		return switch (this.random.nextInt((depth < 12) ? 12 : 8)) {
			case 0, 1 -> string();
			case 2, 3 -> number();
			case 4 -> "true";
			case 5 -> "null";
			case 6 -> oneIn(3) ? oneOf(new String[] { "NaN", "Infinity", "undefined", "'x'", "", "01", "+1", "-", ".5",
					"1.", "0x10", "tru", "nul", "//", "/**/1" }) : "false";
			case 7 -> "{}";
			case 8 -> deep();
			case 9 -> wide(depth);
			default -> {
				StringBuilder text = new StringBuilder();
				boolean object = oneIn(2);
				int size = this.random.nextInt(4);
				for (int i = 0; i < size; i++) {
					text.append((i > 0) ? "," : "");
					if (object) {
						text.append(string()).append(':');
					}
					text.append(value(depth + 1));
				}
				yield object ? "{" + text + "}" : "[" + text + "]";
			}
		};
	}

	private String deep() {
		int depth = switch (this.random.nextInt(10)) {
			case 0 -> oneIn(10) ? 20_000 : 900 + this.random.nextInt(200);
			default -> 1 + this.random.nextInt(12);
		};
		boolean object = oneIn(2);
		String open = object ? "{\"a\":" : "[";
		String close = object ? "}" : "]";
		return open.repeat(depth) + (object ? "1" : "") + (oneIn(20) ? "" : close.repeat(depth));
	}

	private String wide(int depth) {
		int size = switch (this.random.nextInt(12)) {
			case 0 -> 2000;
			case 1 -> 62 + this.random.nextInt(5);
			default -> this.random.nextInt(10);
		};
		if (depth > 3) {
			size = Math.min(size, 3);
		}
		boolean same = oneIn(4);
		StringBuilder text = new StringBuilder("{");
		for (int i = 0; i < size; i++) {
			text.append((i > 0) ? "," : "").append("\"k").append(same ? 0 : i).append("\":").append(i);
		}
		return text.append('}').toString();
	}

	private String string() {
		String inside = switch (this.random.nextInt(16)) {
			case 0 -> "x".repeat(sizeAround(64, 256, 8192));
			case 1 -> "\\ud800";
			case 2 -> "\\udc00\\ud83d\\ude00\\ud83d";
			case 3 -> "a\\r\\nERROR forged";
			case 4 -> "\\u001b[31m\\u0000\\b\\f";
			case 5 -> "</script>\\u2028\\u2029\\u202e";
			case 6 -> "\u2028\u202e\u0085\u009b";
			case 7 -> "\ud83d\ude00";
			case 8 -> "\ud83d";
			case 9 -> "\\x";
			case 10 -> "\u0007";
			case 11 -> "Uncaught (in promise) TypeError: x";
			case 12 -> "é".repeat(sizeAround(64, 256, 4096));
			case 13 -> "\\u0041".repeat(this.random.nextInt(50));
			default -> oneOf(KNOWN);
		};
		return "\"" + inside + "\"";
	}

	private int sizeAround(int... limits) {
		return oneIn(4) ? limits[this.random.nextInt(limits.length)] - 1 + this.random.nextInt(3)
				: this.random.nextInt(20);
	}

	private String number() {
		return switch (this.random.nextInt(14)) {
			case 0 -> "9".repeat(10_000);
			case 1 -> "9".repeat(63 + this.random.nextInt(3));
			case 2 -> "0." + "1".repeat(61 + this.random.nextInt(3));
			case 3 -> "1e999";
			case 4 -> "-1e-999";
			case 5 -> "1E" + "0".repeat(20) + "1";
			case 6 -> "9223372036854775808";
			case 7 -> "-9223372036854775808";
			case 8 -> "9007199254740991";
			case 9 -> "-0";
			case 10 -> "1.7976931348623157e308";
			case 11 -> "1e1000000000";
			default -> Integer.toString(this.random.nextInt());
		};
	}

	/**
	 * STOMP frames as one stream of bytes, which most of the time begin with a good
	 * CONNECT.
	 */
	byte[] stomp() {
		ByteArrayOutputStream out = new ByteArrayOutputStream();
		if (!oneIn(8)) {
			// Of two headers of a name the first counts
			out.writeBytes(ascii("CONNECT\n" + (oneIn(3) ? header() : "") + "accept-version:1.2\n"
					+ (oneIn(3) ? "heart-beat:" + oneOf(HEADER_VALUES) + "\n" : "") + "\n\0"));
		}
		if (oneIn(2)) {
			out.writeBytes(ascii("SUBSCRIBE\nid:a\ndestination:/user/queue/acks\n\n\0"));
		}
		for (int i = this.random.nextInt(5); i >= 0; i--) {
			out.writeBytes(oneIn(3) ? goodSend() : frame());
			if (oneIn(4)) {
				out.writeBytes(ascii(oneOf(new String[] { "\n", "\r\n", "\n\n\n", "\0", "\r" })));
			}
		}
		return mutated(out.toByteArray());
	}

	private static byte[] ascii(String text) {
		return text.getBytes(StandardCharsets.UTF_8);
	}

	private byte[] goodSend() {
		byte[] body = batch();
		ByteArrayOutputStream out = new ByteArrayOutputStream();
		boolean gzip = oneIn(4);
		if (gzip) {
			body = compressed(body);
		}
		out.writeBytes(ascii("SEND\ndestination:/app/log/batch\ncontent-length:" + body.length + "\n"
				+ (gzip ? "content-encoding:gzip\n" : "") + (oneIn(4) ? "receipt:r\n" : "") + "\n"));
		out.writeBytes(body);
		out.write(0);
		return out.toByteArray();
	}

	private byte[] compressed(byte[] body) {
		byte[] gzip = Batches.gzip(body);
		return switch (this.random.nextInt(5)) {
			case 0 -> Batches.gzip(gzip);
			case 1 -> BOMB;
			default -> mutated(gzip);
		};
	}

	private String header() {
		String name = oneIn(10) ? oneOf(TOKENS) : oneOf(HEADERS);
		String value = switch (this.random.nextInt(8)) {
			case 0 -> "x".repeat(sizeAround(64, 256, 16 * 1024));
			case 1 -> oneOf(TOKENS);
			case 2 -> oneOf(DESTINATIONS);
			default -> oneOf(HEADER_VALUES);
		};
		return name + (oneIn(20) ? "" : ":") + value + (oneIn(10) ? "\r\n" : "\n");
	}

	private byte[] frame() {
		String command = oneOf(COMMANDS);
		StringBuilder head = new StringBuilder(command).append(oneIn(10) ? "\r\n" : "\n");
		if (!oneIn(6)) {
			head.append("destination:").append(oneOf(DESTINATIONS)).append('\n');
		}
		if (command.endsWith("SUBSCRIBE") && !oneIn(6)) {
			head.append("id:").append(oneOf(HEADER_VALUES)).append('\n');
		}
		for (int i = oneIn(30) ? 100 : this.random.nextInt(4); i > 0; i--) {
			head.append(header());
		}
		byte[] body = oneIn(2) ? new byte[0] : oneIn(2) ? batch() : bytes(this.random.nextInt(50));
		if (oneIn(3)) {
			head.append("content-length:").append(switch (this.random.nextInt(6)) {
				case 0 -> Integer.toString(body.length + 1);
				case 1 -> Integer.toString(Math.max(0, body.length - 1));
				case 2 -> "0" + body.length;
				case 3 -> oneOf(HEADER_VALUES);
				default -> Integer.toString(body.length);
			}).append('\n');
		}
		ByteArrayOutputStream out = new ByteArrayOutputStream();
		out.writeBytes(ascii(head.append(oneIn(10) ? "\r\n" : "\n").toString()));
		out.writeBytes(body);
		if (!oneIn(10)) {
			out.write(0);
		}
		return out.toByteArray();
	}

	/**
	 * The bytes in WebSocket messages as they should be.
	 */
	byte[] messages(byte[] stomp) {
		ByteArrayOutputStream out = new ByteArrayOutputStream();
		int position = 0;
		int messages = 0;
		while (position < stomp.length) {
			int most = (messages++ < 50) ? oneOf(new Integer[] { 1, 20, 500, 16_000 }) : 16_000;
			int end = Math.min(stomp.length, position + 1 + this.random.nextInt(most));
			out.writeBytes(
					RawFrame.of(oneIn(3) ? RawFrame.TEXT : RawFrame.BINARY, Arrays.copyOfRange(stomp, position, end))
						.bytes());
			position = end;
		}
		return out.toByteArray();
	}

	/**
	 * WebSocket frames of which most are none.
	 */
	byte[] webSocket() {
		ByteArrayOutputStream out = new ByteArrayOutputStream();
		out.writeBytes(RawFrame.text("CONNECT\naccept-version:1.2\n\n\0").bytes());
		for (int i = this.random.nextInt(8); i >= 0; i--) {
			byte[] payload = switch (this.random.nextInt(6)) {
				case 0 -> new byte[0];
				case 1 -> bytes(this.random.nextInt(200));
				case 2 -> bytes(sizeAround(125, 126, 65_536));
				case 3 -> ascii("\n");
				default -> stomp();
			};
			RawFrame frame = RawFrame.of(oneIn(3) ? this.random.nextInt(16) : 1 + this.random.nextInt(2), payload);
			if (oneIn(10)) {
				frame = RawFrame.close(CLOSE_CODES[this.random.nextInt(CLOSE_CODES.length)],
						oneIn(4) ? "x".repeat(200) : "\ud83d");
			}
			if (oneIn(3)) {
				frame = broken(frame);
			}
			out.writeBytes(frame.bytes());
		}
		return mutated(out.toByteArray());
	}

	private RawFrame broken(RawFrame frame) {
		int length = frame.payload().length;
		return switch (this.random.nextInt(8)) {
			case 0 -> frame.unmasked();
			case 1 -> frame.withReserved(1 + this.random.nextInt(7));
			case 2 -> frame.withFin(false);
			case 3 -> frame.withOpcode(RawFrame.CONTINUATION);
			case 4 -> frame.stating(length + 1L, RawFrame.shortest(length + 1L));
			case 5 -> frame.stating(length, 8);
			case 6 -> frame.stating(this.random.nextLong(), 8);
			default -> frame.stating(this.random.nextInt(0x10000), 2);
		};
	}

	/**
	 * One or several requests on a connection, the last of which may never end.
	 */
	byte[] requests() {
		ByteArrayOutputStream out = new ByteArrayOutputStream();
		for (int i = this.random.nextInt(3); i >= 0; i--) {
			out.writeBytes(request());
		}
		return mutated(out.toByteArray());
	}

	private byte[] request() {
		byte[] body = batch();
		StringBuilder head = new StringBuilder(oneIn(10) ? oneOf(new String[] { "GET", "PUT", "OPTIONS", "TRACE",
				"DELETE", "HEAD", "PATCH", "post", "CONNECT", "POST " }) : "POST");
		head.append(' ')
			.append(oneIn(10)
					? oneOf(new String[] { "/chsk", "/chsk/", "/chsk/batch/", "/chsk//batch", "/chsk/batch?a=b",
							"/chsk/%62atch", "/chsk/batch;x=y", "/chsk/../chsk/batch", "/chsk/batch%00", "/chsk/*",
							"/chsk/batch#x", "*", "http://evil.example/chsk/batch", "/chsk/ticket", "/chsk/config" })
					: "/chsk/batch")
			.append(oneIn(20) ? " HTTP/1.0" : " HTTP/1.1")
			.append("\r\n");
		if (!oneIn(30)) {
			head.append("Host: localhost\r\n");
		}
		if (!oneIn(10)) {
			head.append("Content-Type: ")
				.append(oneIn(6)
						? oneOf(new String[] { "text/html", "nonsense", "application/json;charset=UTF-16", "", ";",
								"application/json;a=\"", "application/json;charset=no-such", "a/b/c", "*/*",
								"application/json\\r\\nX: y" })
						: oneOf(new String[] { "application/json", "text/plain;charset=UTF-8" }))
				.append("\r\n");
		}
		if (oneIn(6)) {
			head.append(oneOf(new String[] { "Origin: https://evil.example", "Origin: null", "Origin: http://localhost",
					"Origin: nonsense", "Origin: http://[", "Origin: http://localhost:99999",
					"Sec-Fetch-Site: cross-site", "Sec-Fetch-Site: same-origin", "Sec-Fetch-Site:",
					"Expect: 100-continue", "Expect: nonsense", "Connection: close", "X-Forwarded-For: 1.2.3.4",
					"Cookie: a=b", "Upgrade: h2c", "user-id: " + FORGED, "Transfer-Encoding: nonsense",
					"Content-Length: -1", "Content-Length: x", "Range: bytes=0-1",
					"Access-Control-Request-Method: POST" }))
				.append("\r\n");
		}
		if (oneIn(5)) {
			body = compressed(body);
			head.append("Content-Encoding: ")
				.append(oneIn(5) ? oneOf(new String[] { "br", "gzip, gzip", "", "x-gzip", "identity" }) : " GZIP ")
				.append("\r\n");
		}
		ByteArrayOutputStream out = new ByteArrayOutputStream();
		if (oneIn(4)) {
			out.writeBytes(ascii(head.append("Transfer-Encoding: chunked\r\n\r\n").toString()));
			out.writeBytes(chunked(body));
		}
		else {
			long length = oneIn(8) ? new long[] { 0, body.length + 1L, body.length / 2, 600_000, Long.MAX_VALUE,
					4_294_967_297L }[this.random.nextInt(6)] : body.length;
			out.writeBytes(ascii(head.append("Content-Length: ").append(length).append("\r\n\r\n").toString()));
			out.writeBytes(body);
		}
		return out.toByteArray();
	}

	private byte[] chunked(byte[] body) {
		ByteArrayOutputStream out = new ByteArrayOutputStream();
		int position = 0;
		while (position < body.length) {
			int end = Math.min(body.length, position + 1 + this.random.nextInt(2000));
			int stated = oneIn(30) ? this.random.nextInt(10_000) : end - position;
			out.writeBytes(ascii(Integer.toHexString(stated) + (oneIn(10) ? ";name=\"v\"" : "") + "\r\n"));
			out.write(body, position, end - position);
			out.writeBytes(ascii(oneIn(40) ? "\n" : "\r\n"));
			position = end;
		}
		if (!oneIn(6)) {
			out.writeBytes(ascii(oneIn(6) ? "0\r\nTrailer: x\r\n\r\n" : "0\r\n\r\n"));
		}
		return out.toByteArray();
	}

}
