package io.telemetry.boot.channel.caller;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

import io.telemetry.boot.InvalidSettingException;
import io.telemetry.boot.channel.caller.ClientAddress.Mode;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class ClientAddressesTests {

	private static final TrustedProxies PROXIES = TrustedProxies
		.of(List.of("10.0.0.0/8", "192.0.2.10", "2001:db8:ffff::/48", "::1"));

	private static final ClientAddresses ADDRESSES = new ClientAddresses(PROXIES, Mode.FULL);

	private static @Nullable String shown(TestRequest request) {
		return ADDRESSES.of(request).shown();
	}

	private static @Nullable String forwardedFor(String... values) {
		return shown(new TestRequest().from("10.0.0.1").header("X-Forwarded-For", values));
	}

	private static @Nullable String forwarded(String... values) {
		return shown(new TestRequest().from("10.0.0.1").header("Forwarded", values));
	}

	@Test
	void addressOfTheSocketCountsWhereItIsNoTrustedProxys() {
		TestRequest request = new TestRequest().from("203.0.113.7")
			.header("X-Forwarded-For", "198.51.100.1")
			.header("Forwarded", "for=198.51.100.1");
		assertThat(shown(request)).isEqualTo("203.0.113.7");
		assertThat(new ClientAddresses(TrustedProxies.NONE, Mode.FULL).of(request.from("10.0.0.1")).shown())
			.isEqualTo("10.0.0.1");
	}

	@Test
	void addressOfTheSocketIsReadAsContainersWriteIt() {
		assertThat(shown(new TestRequest().from("0:0:0:0:0:0:0:2"))).isEqualTo("::2");
		assertThat(shown(new TestRequest().from("fe80:0:0:0:0:0:0:1%eth0"))).isEqualTo("fe80::1");
		assertThat(shown(new TestRequest().from("::ffff:10.0.0.1").header("X-Forwarded-For", "203.0.113.7")))
			.isEqualTo("203.0.113.7");
		for (String unknown : new String[] { null, "", "unknown", "/var/run/socket" }) {
			assertThat(ADDRESSES.of(new TestRequest().from(unknown).header("X-Forwarded-For", "203.0.113.7")))
				.isEqualTo(new ClientAddress("unknown", null));
		}
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|',
			value = { "203.0.113.7|203.0.113.7", "1.1.1.1, 203.0.113.7|203.0.113.7",
					"1.1.1.1, 203.0.113.7, 10.1.1.1 , 192.0.2.10|203.0.113.7", "garbage, 203.0.113.7|203.0.113.7",
					"203.0.113.7:4711|203.0.113.7", "[2001:db8::1]:4711|2001:db8::1", "[2001:db8::1]|2001:db8::1",
					"2001:db8::1|2001:db8::1", "fe80::1%eth0|fe80::1", "::ffff:203.0.113.7|203.0.113.7",
					"203.0.113.7, 2001:db8:ffff::5|203.0.113.7", "10.9.9.9|10.9.9.9", "10.9.9.9,10.8.8.8|10.9.9.9" })
	void firstAddressFromTheEndThatIsNoTrustedProxysIsTheClients(String header, String client) {
		assertThat(forwardedFor(header)).isEqualTo(client);
	}

	@ParameterizedTest
	@ValueSource(strings = { "", " ", ",", "unknown", "_hidden", "203.0.113.7,", "203.0.113.7,,",
			"203.0.113.7, garbage", "203.0.113.7, 010.0.0.1", "203.0.113.7, localhost", "203.0.113.7, 1.2.3.4:x y",
			"[2001:db8::1", "[2001:db8::1]x", "203.0.113.7, ::1::", "203.0.113.7, '", "203.0.113.7, \"1.1.1.1\"",
			"%eth0", "\u0000" })
	void whatIsNoAddressEndsTheSearchAtTheLastProxy(String header) {
		assertThat(forwardedFor(header)).isEqualTo("10.0.0.1");
		assertThat(forwardedFor(header + ",10.7.7.7")).isEqualTo("10.7.7.7");
	}

	@Test
	void severalHeadersAreOneList() {
		assertThat(forwardedFor("1.1.1.1", "203.0.113.7", "10.1.1.1")).isEqualTo("203.0.113.7");
		assertThat(forwarded("for=1.1.1.1", "for=203.0.113.7, for=10.1.1.1")).isEqualTo("203.0.113.7");
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '`',
			value = { "for=203.0.113.7|203.0.113.7", "For=203.0.113.7;proto=http;by=10.0.0.1|203.0.113.7",
					"by=1.1.1.1; for = 203.0.113.7|203.0.113.7", "for=\"203.0.113.7:4711\"|203.0.113.7",
					"for=\"[2001:db8:cafe::17]:4711\"|2001:db8:cafe::17",
					"for=1.1.1.1, for=203.0.113.7, for=10.1.1.1|203.0.113.7", "for=203.0.113.7, for=unknown|10.0.0.1",
					"for=203.0.113.7, for=_SEVKISEK|10.0.0.1", "proto=https|10.0.0.1", "for|10.0.0.1", "for=|10.0.0.1",
					"for=\"|10.0.0.1", "=;;=,;|10.0.0.1", "for=\"1.1.1.1, for=203.0.113.7|203.0.113.7",
					"for=\"[2001:db8:cafe::17]:_p0rt\"|2001:db8:cafe::17" })
	void forwardedIsReadInTheSameWay(String header, String client) {
		assertThat(forwarded(header)).isEqualTo(client);
	}

	@Test
	void twoHeadersThatDontAgreeAreNotBelieved() {
		TestRequest request = new TestRequest().from("10.0.0.1").header("X-Forwarded-For", "203.0.113.7, 10.2.2.2");
		request.header("Forwarded", "for=203.0.113.7");
		assertThat(shown(request)).isEqualTo("203.0.113.7");
		request.header("Forwarded", "for=198.51.100.1");
		assertThat(shown(request)).isEqualTo("10.0.0.1");
	}

	@Test
	void onlyTheEndOfALongListIsRead() {
		assertThat(forwardedFor("203.0.113.7," + String.join(",", Collections.nCopies(31, "10.1.1.1"))))
			.isEqualTo("203.0.113.7");
		assertThat(forwardedFor("203.0.113.7," + String.join(",", Collections.nCopies(32, "10.1.1.1"))))
			.isEqualTo("10.1.1.1");
		assertThat(forwardedFor(Collections.nCopies(10_000, "203.0.113.7,10.1.1.1").toArray(String[]::new)))
			.isEqualTo("203.0.113.7");
		assertThat(forwardedFor(String.join(",", Collections.nCopies(10_000, "10.1.1.1")))).isEqualTo("10.1.1.1");
		assertThat(forwardedFor("1".repeat(1_000_000))).isEqualTo("10.0.0.1");
		assertThat(forwardedFor("203.0.113.7" + " ".repeat(2100) + ",10.1.1.1")).isEqualTo("10.1.1.1");
		assertThat(forwarded("for=203.0.113.7" + ";".repeat(2100) + ",for=10.1.1.1")).isEqualTo("10.1.1.1");
	}

	@Test
	void whateverIsBeforeWhatTheProxyAddedChangesNothing() {
		Random random = new Random(31);
		String alphabet = "0123456789abcdef:.,;=\"[]% _forFOR\t\\\u0000\u00e9\ud800";
		for (int round = 0; round < 20_000; round++) {
			StringBuilder text = new StringBuilder();
			for (int length = random.nextInt(60); length > 0; length--) {
				text.append(alphabet.charAt(random.nextInt(alphabet.length())));
			}
			assertThat(forwardedFor(text + ",203.0.113.7")).as(text.toString()).isEqualTo("203.0.113.7");
			assertThat(forwarded(text + ",for=203.0.113.7")).as(text.toString()).isEqualTo("203.0.113.7");
			// Alone, it may be anything but a failure
			assertThat(forwardedFor(text.toString())).as(text.toString()).isNotNull();
			assertThat(forwarded(text.toString())).as(text.toString()).isNotNull();
		}
	}

	@Test
	void addressIsShownAsTheModeSays() {
		TestRequest v4 = new TestRequest().from("203.0.113.7");
		TestRequest v6 = new TestRequest().from("2001:db8:1:2:3:4:5:6");
		assertThat(new ClientAddresses(PROXIES, Mode.ANONYMISED).of(v4))
			.isEqualTo(new ClientAddress("203.0.113.7", "203.0.113.0"));
		assertThat(new ClientAddresses(PROXIES, Mode.ANONYMISED).of(v6))
			.isEqualTo(new ClientAddress("2001:db8:1:2::/64", "2001:db8:1::"));
		assertThat(new ClientAddresses(PROXIES, Mode.FULL).of(v6))
			.isEqualTo(new ClientAddress("2001:db8:1:2::/64", "2001:db8:1:2:3:4:5:6"));
		assertThat(new ClientAddresses(PROXIES, Mode.NONE).of(v4)).isEqualTo(new ClientAddress("203.0.113.7", null));
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|',
			value = { "proxy.example.org|must hold IP addresses and networks such as '10.0.0.0/8'",
					"localhost|must hold", "''|must hold", "10.0.0.0/8 |must have a number from 0 to 32",
					"/8|must hold", "10.0.0/8|must hold", "010.0.0.0/8|must hold", "[::1]|must hold", "10.*|must hold",
					"10.0.0.0-10.0.0.9|must hold", "10.0.0.0/|must have a number from 0 to 32 behind the slash",
					"10.0.0.0/33|must have a number from 0 to 32", "10.0.0.0/-1|must have", "10.0.0.0/08|must have",
					"10.0.0.0/255.0.0.0|must have", "2001:db8::/129|must have a number from 0 to 128",
					"10.1.2.3/8|must name a network by its first address: '10.0.0.0/8'",
					"2001:db8::1/32|must name a network by its first address: '2001:db8::/32'",
					"::ffff:10.0.0.1|must write IPv4 addresses as such: '10.0.0.1'" },
			ignoreLeadingAndTrailingWhitespace = false)
	void wrongEntryIsRefusedWithARemedy(String entry, String remedy) {
		assertThatExceptionOfType(InvalidSettingException.class)
			.isThrownBy(() -> TrustedProxies.of(List.of("10.0.0.0/8", entry)))
			.withMessageContaining("client-address.trusted-proxies " + remedy)
			.withMessageEndingWith("but is '" + entry + "'");
	}

	@Test
	void networksHoldExactlyTheirAddresses() {
		Random random = new Random(37);
		for (int round = 0; round < 20_000; round++) {
			boolean v4 = random.nextBoolean();
			int prefix = random.nextInt(0, (v4 ? 32 : 128) + 1);
			IpAddress one = random(random, v4);
			TrustedProxies proxies = TrustedProxies.of(List.of(one.network(prefix) + "/" + prefix));
			assertThat(proxies.contain(one)).isTrue();
			IpAddress other = random(random, v4);
			assertThat(proxies.contain(other)).isEqualTo(bits(one).regionMatches(0, bits(other), 0, prefix));
			assertThat(proxies.contain(random(random, !v4))).isFalse();
		}
	}

	private static IpAddress random(Random random, boolean v4) {
		List<String> parts = new ArrayList<>();
		for (int i = 0; i < (v4 ? 4 : 8); i++) {
			// Few different ones, so that some share a network
			parts.add(v4 ? String.valueOf(random.nextInt(2) * random.nextInt(256))
					: Integer.toHexString(random.nextInt(2) * random.nextInt(1, 65536)));
		}
		IpAddress address = IpAddress.parse(String.join(v4 ? "." : ":", parts));
		return (address != null && address.isV4() == v4) ? address : random(random, v4);
	}

	private static String bits(IpAddress address) {
		StringBuilder bits = new StringBuilder();
		IpAddress zero = address.network(0);
		IpAddress kept = zero;
		for (int i = 1; i <= address.bits(); i++) {
			IpAddress next = address.network(i);
			bits.append(next.equals(kept) ? '0' : '1');
			kept = next;
		}
		return bits.toString();
	}

}
