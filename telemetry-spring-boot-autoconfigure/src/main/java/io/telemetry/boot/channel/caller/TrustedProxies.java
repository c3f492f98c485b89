package io.telemetry.boot.channel.caller;

import java.util.ArrayList;
import java.util.List;

import io.telemetry.boot.InvalidSettingException;

/**
 * The networks in which the reverse proxies stand whose word on a client's address is
 * believed. Immutable.
 */
public final class TrustedProxies {

	/** Nobody's word is believed. */
	public static final TrustedProxies NONE = new TrustedProxies(List.of());

	private static final String SETTING = "client-address.trusted-proxies";

	private final List<Network> networks;

	private TrustedProxies(List<Network> networks) {
		this.networks = networks;
	}

	/**
	 * Reads networks.
	 * @param networks addresses such as {@code 192.0.2.7} or {@code 2001:db8::7}, and
	 * networks such as {@code 10.0.0.0/8} or {@code 2001:db8::/32}. Names are not
	 * resolved
	 * @return the networks
	 * @throws InvalidSettingException if one of them is something else
	 */
	public static TrustedProxies of(List<String> networks) {
		List<Network> read = new ArrayList<>();
		for (String network : networks) {
			read.add(Network.parse(network));
		}
		return read.isEmpty() ? NONE : new TrustedProxies(List.copyOf(read));
	}

	boolean contain(IpAddress address) {
		for (Network network : this.networks) {
			if (network.contains(address)) {
				return true;
			}
		}
		return false;
	}

	private record Network(IpAddress address, int prefix) {

		static Network parse(String text) {
			int slash = text.indexOf('/');
			String literal = (slash < 0) ? text : text.substring(0, slash);
			IpAddress address = IpAddress.parse(literal);
			if (address == null) {
				throw new InvalidSettingException(SETTING, text, "must hold IP addresses and networks such as "
						+ "'10.0.0.0/8' or '2001:db8::/32', and no names");
			}
			if (address.isV4() && literal.indexOf(':') >= 0) {
				throw new InvalidSettingException(SETTING, text,
						"must write IPv4 addresses as such: '" + address + "'");
			}
			int prefix = (slash < 0) ? address.bits() : prefix(text.substring(slash + 1), address.bits());
			if (prefix < 0) {
				throw new InvalidSettingException(SETTING, text,
						"must have a number from 0 to " + address.bits() + " behind the slash");
			}
			IpAddress network = address.network(prefix);
			if (!network.equals(address)) {
				throw new InvalidSettingException(SETTING, text,
						"must name a network by its first address: '" + network + "/" + prefix + "'");
			}
			return new Network(network, prefix);
		}

		private static int prefix(String text, int most) {
			if (!text.matches("0|[1-9][0-9]{0,2}")) {
				return -1;
			}
			int prefix = Integer.parseInt(text);
			return (prefix <= most) ? prefix : -1;
		}

		boolean contains(IpAddress other) {
			return other.bits() == this.address.bits() && other.network(this.prefix).equals(this.address);
		}

	}

}
