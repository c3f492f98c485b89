package io.telemetry.boot.channel.caller;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.Random;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

class IpAddressTests {

	@ParameterizedTest
	@CsvSource({ "0.0.0.0,0.0.0.0", "255.255.255.255,255.255.255.255", "203.0.113.7,203.0.113.7", "::,::", "::1,::1",
			"1::,1::", "2001:DB8::1,2001:db8::1", "2001:0db8:0000:0000:0001:0000:0000:0001,2001:db8::1:0:0:1",
			"2001:db8:0:1:1:1:1:1,2001:db8:0:1:1:1:1:1", "1:2:3:4:5:6:7::,1:2:3:4:5:6:7:0",
			"::2:3:4:5:6:7:8,0:2:3:4:5:6:7:8", "::ffff:192.0.2.1,192.0.2.1", "::ffff:c000:201,192.0.2.1",
			"0:0:0:0:0:ffff:192.0.2.1,192.0.2.1", "64:ff9b::192.0.2.33,64:ff9b::c000:221", "fe80::1,fe80::1" })
	void addressIsReadAndWrittenAsRfc5952Says(String text, String written) {
		assertThat(IpAddress.parse(text)).asString().isEqualTo(written);
	}

	@ParameterizedTest
	@ValueSource(strings = { "", " ", "1", "1.2.3", "1.2.3.4.5", "1.2.3.256", "1.2.3.-4", "01.2.3.4", "1.2.3.00",
			"1.2.3.4 ", "0x1.2.3.4", "2130706433", "localhost", "example.org", ".", "....", "1.2..3", ":", ":::", ":1",
			"1:", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1::2::3", "12345::", "g::", "::1.2.3", "::1.2.3.4.5",
			"1:2:3:4:5:6:7:1.2.3.4", "::01.2.3.4", "1.2.3.4::", "1:2:3:4:5:6:7:8::", "::1%eth0", "[::1]",
			"\u0661.2.3.4", "\uff11.2.3.4", "\uff11::", "::ffff:1.2.3.4:5" })
	void whatIsNoAddressIsNone(String text) {
		assertThat(IpAddress.parse(text)).isNull();
	}

	@Test
	void everyAddressIsReadAsJavaReadsItAndWrittenSoThatItIsReadAgain() throws Exception {
		Random random = new Random(23);
		for (int round = 0; round < 50_000; round++) {
			byte[] bytes = new byte[random.nextBoolean() ? 4 : 16];
			random.nextBytes(bytes);
			for (int zeros = random.nextInt(8); zeros > 0; zeros--) {
				int group = random.nextInt(bytes.length / 2);
				bytes[2 * group] = 0;
				bytes[2 * group + 1] = 0;
			}
			InetAddress expected = InetAddress.getByAddress(bytes);
			IpAddress address = IpAddress.parse(expected.getHostAddress());
			assertThat(address).as(expected.getHostAddress()).isNotNull();
			assertThat(IpAddress.parse(address.toString())).isEqualTo(address);
			assertThat(InetAddress.getByName(address.toString())).isEqualTo(expected);
			assertThat(address.isV4()).isEqualTo(expected instanceof Inet4Address);
		}
	}

	@Test
	void whatIsTakenForAnAddressIsOneForJavaToo() throws Exception {
		Random random = new Random(29);
		String alphabet = "0123456789abcdefABCDEF:::::....%[]/ gx";
		int taken = 0;
		for (int round = 0; round < 300_000; round++) {
			StringBuilder text = new StringBuilder(switch (random.nextInt(4)) {
				case 0 -> "2001:db8::1:0:5";
				case 1 -> "192.0.2.250";
				case 2 -> "::ffff:192.0.2.1";
				default -> "";
			});
			for (int edit = random.nextInt(1, 5); edit > 0; edit--) {
				int place = random.nextInt(text.length() + 1);
				if (random.nextBoolean()) {
					text.insert(place, alphabet.charAt(random.nextInt(alphabet.length())));
				}
				else {
					text.delete(place, Math.min(text.length(), place + random.nextInt(1, 4)));
				}
			}
			IpAddress address = IpAddress.parse(text.toString());
			if (address != null) {
				taken++;
				// Java asks nobody where the text is a literal
				assertThat(InetAddress.getByName(text.toString())).as(text.toString())
					.isEqualTo(InetAddress.getByName(address.toString()));
			}
		}
		assertThat(taken).isGreaterThan(1000);
	}

	@Test
	void networkKeepsTheFirstBits() {
		assertThat(IpAddress.parse("203.0.113.255").network(24)).asString().isEqualTo("203.0.113.0");
		assertThat(IpAddress.parse("255.255.255.255").network(9)).asString().isEqualTo("255.128.0.0");
		assertThat(IpAddress.parse("255.255.255.255").network(0)).asString().isEqualTo("0.0.0.0");
		assertThat(IpAddress.parse("255.255.255.255").network(32)).asString().isEqualTo("255.255.255.255");
		assertThat(IpAddress.parse("2001:db8:1:2:3:4:5:6").network(48)).asString().isEqualTo("2001:db8:1::");
		assertThat(IpAddress.parse("2001:db8:1:2:3:4:5:6").network(64)).asString().isEqualTo("2001:db8:1:2::");
	}

}
