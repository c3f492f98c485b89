package io.telemetry.encode;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A message as a strict reader of RFC 5424 sees it; what the grammar does not allow is an
 * {@link IllegalArgumentException}. Written from the RFC and not from the encoder.
 */
record SyslogMessage(int facility, int severity, String timestamp, String host, String appName, String processId,
		String messageId, Map<String, Map<String, List<String>>> elements, boolean byteOrderMark, String message) {

	static SyslogMessage parse(byte[] bytes) throws CharacterCodingException {
		return new Parser(StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString()).message();
	}

	/**
	 * The first value of a parameter.
	 */
	String value(String element, String name) {
		List<String> values = this.elements.getOrDefault(element, Map.of()).get(name);
		return (values != null) ? values.get(0) : null;
	}

	private static final class Parser {

		private final String text;

		private int at;

		Parser(String text) {
			this.text = text;
		}

		SyslogMessage message() {
			expect('<');
			String priority = upTo('>', 3);
			require(priority.matches("0|[1-9][0-9]{0,2}") && Integer.parseInt(priority) <= 191, "PRI " + priority);
			expect('1');
			expect(' ');
			String timestamp = upTo(' ', 64);
			require(timestamp.equals("-") || timestamp.matches("[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
					+ "T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\\.[0-9]{1,6}Z"), "TIMESTAMP " + timestamp);
			String host = printable(255);
			String appName = printable(48);
			String processId = printable(128);
			String messageId = printable(32);
			Map<String, Map<String, List<String>>> elements = elements();
			boolean mark = false;
			String message = "";
			if (this.at < this.text.length()) {
				expect(' ');
				mark = this.at < this.text.length() && this.text.charAt(this.at) == '\ufeff';
				message = this.text.substring(this.at + (mark ? 1 : 0));
				require(mark || message.chars().allMatch((ch) -> ch < 0x80), "no byte order mark");
			}
			int value = Integer.parseInt(priority);
			return new SyslogMessage(value / 8, value % 8, timestamp, host, appName, processId, messageId, elements,
					mark, message);
		}

		private Map<String, Map<String, List<String>>> elements() {
			Map<String, Map<String, List<String>>> elements = new LinkedHashMap<>();
			if (peek() == '-') {
				this.at++;
				return elements;
			}
			do {
				expect('[');
				String id = name();
				require(id.matches("[^@]+@[0-9.]+"), "SD-ID " + id);
				Map<String, List<String>> parameters = new LinkedHashMap<>();
				require(elements.put(id, parameters) == null, "twice " + id);
				while (peek() == ' ') {
					this.at++;
					String name = name();
					expect('=');
					parameters.computeIfAbsent(name, (key) -> new ArrayList<>()).add(value());
				}
				expect(']');
			}
			while (this.at < this.text.length() && peek() == '[');
			return elements;
		}

		private String name() {
			int start = this.at;
			while (peek() > ' ' && peek() < 0x7f && "=]\"".indexOf(peek()) < 0) {
				this.at++;
			}
			require(this.at > start && this.at - start <= 32, "SD-NAME");
			return this.text.substring(start, this.at);
		}

		private String value() {
			StringBuilder value = new StringBuilder();
			expect('"');
			while (peek() != '"') {
				require(peek() != ']', "a bracket that is not escaped");
				if (peek() == '\\') {
					this.at++;
					require("\"\\]".indexOf(peek()) >= 0, "an escape that is none");
				}
				value.append(peek());
				this.at++;
			}
			this.at++;
			return value.toString();
		}

		private String printable(int maxLength) {
			String field = upTo(' ', maxLength);
			require(!field.isEmpty() && field.chars().allMatch((ch) -> ch > ' ' && ch < 0x7f), "header " + field);
			return field;
		}

		private String upTo(char end, int maxLength) {
			int index = this.text.indexOf(end, this.at);
			require(index >= 0 && index - this.at <= maxLength, "no '" + end + "' within " + maxLength);
			String part = this.text.substring(this.at, index);
			this.at = index + 1;
			return part;
		}

		private char peek() {
			require(this.at < this.text.length(), "early end");
			return this.text.charAt(this.at);
		}

		private void expect(char ch) {
			require(peek() == ch, "'" + ch + "' expected");
			this.at++;
		}

		private void require(boolean condition, String what) {
			if (!condition) {
				throw new IllegalArgumentException(what + " at " + this.at + " of " + this.text);
			}
		}

	}

}
