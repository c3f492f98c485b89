package io.telemetry.boot.channel.caller;

import java.util.Arrays;
import java.util.HexFormat;

import org.jspecify.annotations.Nullable;

/**
 * An IP address, read from text without ever asking anybody for a name. An IPv4 address
 * that is written as an IPv6 address is the IPv4 address.
 */
final class IpAddress {

	/** The longest text that can be one: six groups and a dotted quad. */
	private static final int MAX_LENGTH = 45;

	private static final byte[] MAPPED = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1 };

	private final byte[] bytes;

	private IpAddress(byte[] bytes) {
		this.bytes = bytes;
	}

	/**
	 * Reads an address.
	 * @param text four decimal numbers without leading zeros, or an IPv6 address as RFC
	 * 4291 allows it to be written, without brackets and zone
	 * @return the address, {@code null} where the text is none
	 */
	static @Nullable IpAddress parse(String text) {
		if (text.length() > MAX_LENGTH) {
			return null;
		}
		if (text.indexOf(':') < 0) {
			byte[] bytes = new byte[4];
			return parseV4(text, bytes, 0) ? new IpAddress(bytes) : null;
		}
		byte[] bytes = parseV6(text);
		if (bytes == null) {
			return null;
		}
		return Arrays.equals(bytes, 0, 12, MAPPED, 0, 12) ? new IpAddress(Arrays.copyOfRange(bytes, 12, 16))
				: new IpAddress(bytes);
	}

	private static boolean parseV4(String text, byte[] into, int offset) {
		int part = 0;
		int digits = 0;
		int value = 0;
		for (int i = 0; i <= text.length(); i++) {
			char c = (i < text.length()) ? text.charAt(i) : '.';
			if (c == '.') {
				if (digits == 0 || part == 4) {
					return false;
				}
				into[offset + part++] = (byte) value;
				digits = 0;
				value = 0;
			}
			else if (c < '0' || c > '9' || (digits > 0 && value == 0)) {
				// Some read a leading zero as octal
				return false;
			}
			else {
				value = value * 10 + (c - '0');
				digits++;
				if (value > 255) {
					return false;
				}
			}
		}
		return part == 4;
	}

	private static byte @Nullable [] parseV6(String text) {
		byte[] bytes = new byte[16];
		int filled = 0;
		// Where the zeros belong that "::" stands for
		int gap = -1;
		int i = 0;
		if (text.startsWith("::")) {
			gap = 0;
			i = 2;
		}
		while (i < text.length()) {
			int end = text.indexOf(':', i);
			end = (end < 0) ? text.length() : end;
			if (end == text.length() && text.indexOf('.', i) >= 0) {
				if (filled > 12 || !parseV4(text.substring(i), bytes, filled)) {
					return null;
				}
				filled += 4;
				break;
			}
			if (filled == 16 || !parseGroup(text, i, end, bytes, filled)) {
				return null;
			}
			filled += 2;
			if (end == text.length()) {
				break;
			}
			i = end + 1;
			if (i == text.length()) {
				// A single colon at the end
				return null;
			}
			if (text.charAt(i) == ':') {
				if (gap >= 0) {
					return null;
				}
				gap = filled;
				i++;
			}
		}
		if (gap < 0) {
			return (filled == 16) ? bytes : null;
		}
		if (filled == 16) {
			return null;
		}
		int behind = filled - gap;
		System.arraycopy(bytes, gap, bytes, 16 - behind, behind);
		Arrays.fill(bytes, gap, 16 - behind, (byte) 0);
		return bytes;
	}

	private static boolean parseGroup(String text, int start, int end, byte[] into, int offset) {
		if (end == start || end - start > 4) {
			return false;
		}
		int value = 0;
		for (int i = start; i < end; i++) {
			char c = text.charAt(i);
			if (!HexFormat.isHexDigit(c)) {
				return false;
			}
			value = (value << 4) | HexFormat.fromHexDigit(c);
		}
		into[offset] = (byte) (value >> 8);
		into[offset + 1] = (byte) value;
		return true;
	}

	boolean isV4() {
		return this.bytes.length == 4;
	}

	/**
	 * How many bits the address has.
	 */
	int bits() {
		return this.bytes.length * 8;
	}

	/**
	 * The address with all bits behind the first few set to zero.
	 */
	IpAddress network(int prefix) {
		byte[] masked = this.bytes.clone();
		for (int i = 0; i < masked.length; i++) {
			int kept = Math.max(0, Math.min(8, prefix - 8 * i));
			masked[i] &= (byte) (0xff << (8 - kept));
		}
		return new IpAddress(masked);
	}

	@Override
	public boolean equals(@Nullable Object other) {
		return other instanceof IpAddress address && Arrays.equals(this.bytes, address.bytes);
	}

	@Override
	public int hashCode() {
		return Arrays.hashCode(this.bytes);
	}

	/**
	 * The address as RFC 5952 says that it is to be written.
	 */
	@Override
	public String toString() {
		StringBuilder text = new StringBuilder(MAX_LENGTH);
		if (isV4()) {
			for (byte part : this.bytes) {
				text.append(text.isEmpty() ? "" : ".").append(part & 0xff);
			}
			return text.toString();
		}
		int start = -1;
		int length = 1;
		for (int i = 0; i < 8; i++) {
			int zeros = 0;
			while (i + zeros < 8 && group(i + zeros) == 0) {
				zeros++;
			}
			if (zeros > length) {
				start = i;
				length = zeros;
			}
		}
		for (int i = 0; i < 8; i++) {
			if (i == start) {
				text.append("::");
				i += length - 1;
			}
			else {
				text.append((text.isEmpty() || text.charAt(text.length() - 1) == ':') ? "" : ":")
					.append(Integer.toHexString(group(i)));
			}
		}
		return text.toString();
	}

	private int group(int index) {
		return ((this.bytes[2 * index] & 0xff) << 8) | (this.bytes[2 * index + 1] & 0xff);
	}

}
