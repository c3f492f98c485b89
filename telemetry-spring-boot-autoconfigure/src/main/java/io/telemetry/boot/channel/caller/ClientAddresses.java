package io.telemetry.boot.channel.caller;

import java.util.List;
import java.util.Locale;

import org.jspecify.annotations.Nullable;

/**
 * Finds out the address of a client: that of the socket or, where a trusted proxy is at
 * its other end, what the proxies say.
 * <p>
 * Each proxy adds the address of whoever it was called by at the end of
 * {@code X-Forwarded-For} or {@code Forwarded}; what stands before it may be invented. So
 * the list is read from its end, as long as it names trusted proxies; the first that is
 * none is the client. Where the list ends, or holds something that is no address, the
 * client is the last proxy that was found. Where there are both headers and they don't
 * agree, one of them is the client's own invention, and neither is believed.
 * <p>
 * Bounded, whatever clients send: the last {@value #MAX_ENTRIES} entries and
 * {@value #MAX_LENGTH} characters are read, and nothing is thrown. Safe for several
 * threads.
 */
public final class ClientAddresses {

	static final int MAX_ENTRIES = 32;

	static final int MAX_LENGTH = 2048;

	private static final String FORWARDED_FOR = "X-Forwarded-For";

	private static final String FORWARDED = "Forwarded";

	private final TrustedProxies proxies;

	private final ClientAddress.Mode mode;

	/**
	 * Addresses of clients.
	 * @param proxies whose word is believed
	 * @param mode how much is shown
	 */
	public ClientAddresses(TrustedProxies proxies, ClientAddress.Mode mode) {
		this.proxies = proxies;
		this.mode = mode;
	}

	/**
	 * The address of the client that sent a request.
	 * @param request the request
	 * @return its address
	 */
	public ClientAddress of(CallerRequest request) {
		return ClientAddress.of(find(request), this.mode);
	}

	private @Nullable IpAddress find(CallerRequest request) {
		String remote = request.remoteAddress();
		IpAddress peer = (remote != null) ? address(remote) : null;
		if (peer == null || !this.proxies.contain(peer)) {
			return peer;
		}
		List<String> forwardedFor = request.headers(FORWARDED_FOR);
		List<String> forwarded = request.headers(FORWARDED);
		if (forwardedFor.isEmpty()) {
			return behind(peer, forwarded, true);
		}
		IpAddress client = behind(peer, forwardedFor, false);
		return (forwarded.isEmpty() || client.equals(behind(peer, forwarded, true))) ? client : peer;
	}

	/**
	 * Goes from proxy to proxy, beginning with the nearest.
	 */
	private IpAddress behind(IpAddress peer, List<String> values, boolean forwarded) {
		IpAddress client = peer;
		int entries = 0;
		int length = 0;
		for (int i = values.size() - 1; i >= 0; i--) {
			String value = values.get(i);
			int end = value.length();
			while (end >= 0) {
				// Quotes don't count: one without its other half, sent by the client,
				// would hide what proxies have added
				int comma = value.lastIndexOf(',', end - 1);
				length += end - comma;
				if (++entries > MAX_ENTRIES || length > MAX_LENGTH) {
					return client;
				}
				String entry = value.substring(comma + 1, end).trim();
				IpAddress hop = address(forwarded ? forwardedFor(entry) : entry);
				if (hop == null) {
					return client;
				}
				client = hop;
				if (!this.proxies.contain(hop)) {
					return client;
				}
				end = comma;
			}
		}
		return client;
	}

	/**
	 * The value of the parameter {@code for} of an element of {@code Forwarded}.
	 */
	private static String forwardedFor(String element) {
		for (String pair : element.split(";")) {
			int equals = pair.indexOf('=');
			if (equals > 0 && pair.substring(0, equals).trim().toLowerCase(Locale.ROOT).equals("for")) {
				String value = pair.substring(equals + 1).trim();
				return (value.length() >= 2 && value.startsWith("\"") && value.endsWith("\""))
						? value.substring(1, value.length() - 1) : value;
			}
		}
		return "";
	}

	/**
	 * The address in a text that may also hold brackets, a port or a zone.
	 */
	private static @Nullable IpAddress address(String text) {
		if (text.length() > 100) {
			return null;
		}
		String address = text;
		if (text.startsWith("[")) {
			int end = text.indexOf(']');
			if (end < 0 || !isPort(text, end + 1)) {
				return null;
			}
			address = text.substring(1, end);
		}
		else {
			int colon = text.indexOf(':');
			if (colon >= 0 && colon == text.lastIndexOf(':')) {
				if (!isPort(text, colon)) {
					return null;
				}
				address = text.substring(0, colon);
			}
		}
		int zone = address.indexOf('%');
		return IpAddress.parse((zone > 0) ? address.substring(0, zone) : address);
	}

	/**
	 * Whether nothing or a colon and a port begins there. A port may be hidden behind
	 * letters.
	 */
	private static boolean isPort(String text, int start) {
		return start == text.length() || text.substring(start).matches(":[A-Za-z0-9._-]{1,32}");
	}

}
