package io.telemetry.boot.channel.caller;

import org.jspecify.annotations.Nullable;

/**
 * The address of a client, ready for its two uses.
 *
 * @param limitKey what clients share that are limited together: an IPv4 address whole, of
 * an IPv6 address the network of 64 bits, of which a client may have all.
 * {@link #UNKNOWN} where no address is known
 * @param shown what signals and statistics carry; {@code null} where they are to carry
 * none
 */
public record ClientAddress(String limitKey, @Nullable String shown) {

	/** The limit's key of all whose address is not known. */
	public static final String UNKNOWN = "unknown";

	static ClientAddress of(@Nullable IpAddress address, Mode mode) {
		if (address == null) {
			return new ClientAddress(UNKNOWN, null);
		}
		return new ClientAddress(address.isV4() ? address.toString() : address.network(64) + "/64", mode.show(address));
	}

	/**
	 * How much of an address is shown.
	 */
	public enum Mode {

		/** The network: the first 24 bits of an IPv4 address, 48 of an IPv6 address. */
		ANONYMISED {
			@Override
			String show(IpAddress address) {
				return address.network(address.isV4() ? 24 : 48).toString();
			}
		},

		/** The whole address. */
		FULL {
			@Override
			String show(IpAddress address) {
				return address.toString();
			}
		},

		/** Nothing. */
		NONE {
			@Override
			@Nullable String show(IpAddress address) {
				return null;
			}
		};

		abstract @Nullable String show(IpAddress address);

	}

}
