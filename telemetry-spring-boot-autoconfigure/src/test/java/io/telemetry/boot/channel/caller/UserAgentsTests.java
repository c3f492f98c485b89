package io.telemetry.boot.channel.caller;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

class UserAgentsTests {

	/** A clock on which a second goes by whenever it is looked at. */
	private static final AtomicLong SECONDS = new AtomicLong();

	private static final UserAgents UAP = new UserAgents(new UapUserAgentParser(), UserAgentsTests::nanoTime);

	private static long nanoTime() {
		return SECONDS.incrementAndGet() * 1_000_000_000L;
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', value = {
			"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36|Chrome|140.0|Windows|10|",
			"Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0|Firefox|143.0|Ubuntu||",
			"Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1|Mobile Safari|18.6|iOS|18.6|iPhone",
			"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0|Edge|140.0|Windows|10|" })
	void browserIsKnown(String header, String browser, String version, String os, String osVersion, String device) {
		Map<String, String> known = UAP.describe(header);
		assertThat(known).containsEntry("browser", browser)
			.containsEntry("browserVersion", version)
			.containsEntry("os", os);
		assertThat(known.get("osVersion")).isEqualTo(osVersion);
		assertThat(known.get("device")).isEqualTo(device);
	}

	@Test
	void ofWhatIsNoBrowserNothingIsSaid() {
		assertThat(UAP.describe(null)).isEmpty();
		assertThat(UAP.describe("")).isEmpty();
		assertThat(UAP.describe("x")).isEmpty();
		assertThat(UserAgents.NONE.describe("Mozilla/5.0 Firefox/143.0")).isEmpty();
	}

	@Test
	void headerIsCutAndMadePrintableBeforeItIsRead() {
		AtomicReference<String> read = new AtomicReference<>();
		UserAgents agents = new UserAgents((header) -> {
			read.set(header);
			return Map.of("browser", "bad\u001b[31m" + "x".repeat(100));
		});
		Map<String, String> known = agents.describe("a\r\n\u0000\u202e\ud83d\ude00" + "b".repeat(10_000));
		assertThat(read.get()).hasSize(512).startsWith("a??????bb");
		assertThat(known.get("browser")).hasSize(64).startsWith("bad?[31mx");
	}

	@Test
	void whatCameLastIsRememberedAndNoMore() {
		AtomicInteger asked = new AtomicInteger();
		UserAgents agents = new UserAgents((header) -> {
			asked.incrementAndGet();
			return Map.of("browser", header);
		}, UserAgentsTests::nanoTime);
		assertThat(agents.describe("kept")).isSameAs(agents.describe("kept"));
		assertThat(asked).hasValue(1);
		for (int i = 0; i < 10_000; i++) {
			agents.describe("other-" + i);
			agents.describe("kept");
		}
		assertThat(asked).hasValue(10_001);
		assertThat(agents.cached()).isEqualTo(256);
		agents.describe("other-0");
		assertThat(asked).hasValue(10_002);
	}

	@Test
	void ofManyNewHeadersAtOnceOnlySomeAreReadAndTheOthersCounted() {
		AtomicLong time = new AtomicLong();
		UserAgents agents = new UserAgents((header) -> Map.of("browser", header), time::get);
		for (int i = 0; i < 1000; i++) {
			assertThat(agents.describe("browser-" + i)).hasSize((i < 20) ? 1 : 0);
		}
		assertThat(agents.limited()).isEqualTo(980);
		assertThat(agents.describe("browser-0")).hasSize(1);
		time.addAndGet(2_000_000_000L);
		assertThat(agents.describe("browser-999")).hasSize(1);
		assertThat(agents.limited()).isEqualTo(980);
	}

	@Test
	void hostileHeadersAreReadByManyThreads() throws Exception {
		ExecutorService threads = Executors.newFixedThreadPool(4);
		try {
			List<Callable<Void>> tasks = new ArrayList<>();
			for (int seed = 0; seed < 4; seed++) {
				Random random = new Random(seed);
				tasks.add(() -> {
					for (int i = 0; i < 100; i++) {
						StringBuilder header = new StringBuilder("Mozilla/5.0 (");
						while (header.length() < 600) {
							header.append(List.of("Android ", ";", " Build/", "((", "Chrome/9", "  ", "iPhone OS ",
									"-_", "Version/1.", "\u0000")
								.get(random.nextInt(10)));
						}
						assertThat(UAP.describe(header.toString())).allSatisfy((key, value) -> {
							assertThat(key).isIn("browser", "browserVersion", "os", "osVersion", "device");
							assertThat(value).isNotBlank().matches("[ -~]{1,64}");
						});
					}
					return null;
				});
			}
			for (Future<Void> done : threads.invokeAll(tasks, 120, TimeUnit.SECONDS)) {
				done.get();
			}
		}
		finally {
			threads.shutdownNow();
		}
		assertThat(UAP.cached()).isBetween(1, 256);
	}

}
