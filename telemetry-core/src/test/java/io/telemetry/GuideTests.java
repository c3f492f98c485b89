package io.telemetry;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

import io.telemetry.context.ContextExecutors;
import io.telemetry.context.Scope;
import io.telemetry.encode.JsonSignalEncoder;
import io.telemetry.encode.PrettySignalEncoder;
import io.telemetry.filter.Refusal;
import io.telemetry.filter.SignalField;
import io.telemetry.filter.SignalPredicate;
import io.telemetry.handler.HandlerOptions;
import io.telemetry.handler.Overflow;
import io.telemetry.handler.QueueOptions;
import io.telemetry.handler.SignalHandler;
import io.telemetry.handler.console.ConsoleHandler;
import io.telemetry.handler.file.FileHandler;
import io.telemetry.handler.file.FileOptions;
import io.telemetry.limit.KeyedRateLimiter;
import io.telemetry.limit.RateLimit;
import io.telemetry.limit.RateLimiter;
import io.telemetry.pipeline.Change;
import io.telemetry.pipeline.Explanation;
import io.telemetry.pipeline.GlobalPipeline;
import io.telemetry.pipeline.HandlerView;
import io.telemetry.pipeline.PipelineSettings;
import io.telemetry.pipeline.SignalPipeline;
import io.telemetry.signal.Kind;
import io.telemetry.signal.Level;
import io.telemetry.signal.Measurement;
import io.telemetry.signal.ServiceIdentity;
import io.telemetry.signal.Signal;
import io.telemetry.stats.Outcome;
import io.telemetry.stats.OutcomeStats;
import io.telemetry.test.CaptureExtension;
import io.telemetry.transform.SignalTransform;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Mono;

import static io.telemetry.test.SignalAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * The examples of {@code docs/signals.md}, each doing what the guide says. They are
 * written as the guide shows them, without {@code this}.
 */
@Timeout(60)
@ExtendWith(CaptureExtension.class)
@SuppressWarnings("try")
class GuideTests {

	private static final Path PAGE = Path.of("..", "docs", "signals.md");

	private static final List<Path> EXAMPLES = List.of(
			Path.of("src", "test", "java", "io", "telemetry", "GuideTests.java"),
			Path.of("..", "telemetry-spring-boot-autoconfigure", "src", "test", "java", "io", "telemetry", "boot",
					"autoconfigure", "SignalsDocumentationTests.java"));

	private final List<Signal> handled = new CopyOnWriteArrayList<>();

	private final SignalPipeline pipeline = SignalPipeline.builder()
		.handler("memory", this.handled::add, HandlerOptions.DEFAULTS.withQueue(null))
		.build();

	private final Telemetry telemetry = new Telemetry(this.pipeline, "com.acme.Shop");

	@AfterEach
	void close() {
		this.pipeline.close();
	}

	private static Signal only(List<Signal> signals, String id) {
		return signals.stream().filter((signal) -> id.equals(signal.id())).reduce((a, b) -> {
			throw new AssertionError("Two signals " + id);
		}).orElseThrow();
	}

	/** The capture that surrounds each test wants everything else. */
	private void wantInfoAndAbove() {
		this.pipeline.change(List.of(Change.Pipeline.minLevel(Level.INFO)), null);
	}

	private static int priceOf(int product) {
		return product * 1000;
	}

	private static int recommend() throws IOException {
		throw new IOException("The oracle is silent");
	}

	@Test
	void everyBlockOfTheGuideIsAnExampleThatRuns() throws IOException {
		StringBuilder sources = new StringBuilder();
		for (Path file : EXAMPLES) {
			sources.append(withoutSpace(Files.readString(file)));
		}
		String examples = sources.toString();
		List<String> blocks = Pattern.compile("^```java\n(.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL)
			.matcher(Files.readString(PAGE))
			.results()
			.map((MatchResult match) -> match.group(1))
			.toList();
		assertThat(blocks).hasSizeGreaterThan(30)
			.filteredOn((block) -> !examples.contains(withoutSpace(block)))
			.isEmpty();
	}

	/** Space is the formatter's, and classes are static only because they are nested. */
	private static String withoutSpace(String text) {
		return text.replaceAll("\\bstatic (?=(final )?class )|\\s+", "");
	}

	@Test
	void creatorsMakeSignals(Capture capture) {
		Exception exception = new IllegalStateException("No paper");
		telemetry.log("Shop opened");
		telemetry.log(Level.WARN, "Nearly sold out", Map.of("product", 4, "left", 2));
		telemetry.event("shop/checkout", Map.of("order", 17, "cents", 3900));
		telemetry.error(exception, Map.of("order", 17));
		telemetry.error("The till does not balance", Map.of("cents", -5));
		assertThat(capture).extracting(Signal::kind)
			.containsExactly(Kind.LOG, Kind.LOG, Kind.EVENT, Kind.ERROR, Kind.ERROR);
		assertThat(capture).extracting(Signal::level)
			.containsExactly(Level.INFO, Level.WARN, Level.INFO, Level.ERROR, Level.ERROR);
		assertThat(capture).element(3).hasError(IllegalStateException.class).hasMessage("No paper");
		assertThat(capture).hasSignal("shop/checkout").hasData("order", 17);
	}

	@Test
	void builderSetsEverything(Capture capture) {
		telemetry.signal(Level.WARN, Kind.EVENT)
			.id("shop/stock-low")
			.message("Nearly sold out")
			.data("product", 4)
			.data("reorder", null)
			.emit();
		assertThat(capture).hasSignal("shop/stock-low")
			.hasLevel(Level.WARN)
			.hasKind(Kind.EVENT)
			.hasMessage("Nearly sold out")
			.hasData("product", 4);
		assertThat(capture.signals().get(0).data()).containsEntry("reorder", null);
	}

	@Test
	void telemetryOfAnotherNameSpeaksForIt(Capture capture) {
		Telemetry payment = telemetry.of("shop.payment");
		payment.log("The bank answered");
		assertThat(capture.signals().get(0).namespace()).isEqualTo("shop.payment");
	}

	@Test
	void suppliersRunOnlyForWhatIsWanted() {
		List<String> ran = new ArrayList<>();
		class Cart {

			String describe() {
				ran.add("describe");
				return "3 pieces";
			}

			List<Integer> products() {
				ran.add("products");
				return List.of(1, 2, 4);
			}

		}
		Cart cart = new Cart();
		wantInfoAndAbove();
		telemetry.log(Level.DEBUG, () -> "The cart is " + cart.describe(), () -> Map.of("products", cart.products()));
		assertThat(ran).isEmpty();
		pipeline.resetFilters();
		assertThat(this.telemetry.capture(() -> telemetry.log(Level.DEBUG, () -> "The cart is " + cart.describe(),
				() -> Map.of("products", cart.products()))))
			.singleElement()
			.satisfies((signal) -> assertThat(signal.message()).isEqualTo("The cart is 3 pieces"));
		assertThat(ran).containsExactly("describe", "products");
	}

	@Test
	void askingTellsWhetherItIsWorthGathering() {
		wantInfoAndAbove();
		if (telemetry.allowed(Level.DEBUG)) {
			// gather what is costly
		}
		assertThat(this.telemetry.allowed(Level.DEBUG)).isFalse();
	}

	@Test
	void tracesNest(Capture capture) {
		int cents = telemetry.trace("shop/checkout", () -> {
			telemetry.attribute("pieces", 2);
			int price = telemetry.trace("shop/price", () -> priceOf(4));
			telemetry.event("shop/priced");
			return price;
		});
		assertThat(cents).isEqualTo(4000);
		Signal price = only(capture.signals(), "shop/price");
		Signal priced = only(capture.signals(), "shop/priced");
		Signal checkout = only(capture.signals(), "shop/checkout");
		assertThat(capture.signals()).containsExactly(price, priced, checkout);
		assertThat(checkout.kind()).isEqualTo(Kind.TRACE);
		assertThat(checkout.data()).containsEntry("pieces", 2);
		assertThat(checkout.run().result()).isEqualTo(4000);
		assertThat(checkout.run().duration()).isNotNull();
		assertThat(checkout.run().parentId()).isNull();
		assertThat(price.run().parentId()).isEqualTo(checkout.run().spanId());
		assertThat(priced.run().spanId()).isEqualTo(checkout.run().spanId());
		assertThat(capture.signals()).extracting((signal) -> signal.run().traceId())
			.containsOnly(checkout.run().traceId());
	}

	@Test
	void traceThrowsAndTellsWhatTheWorkThrows(Capture capture) {
		assertThatExceptionOfType(IOException.class)
			.isThrownBy(() -> telemetry.trace("shop/recommend", () -> recommend()));
		assertThat(capture).hasSignal("shop/recommend").hasLevel(Level.INFO).hasError(IOException.class);
	}

	@Test
	void traceOfAnotherLevelWithDataAndWithoutResult(Capture capture) {
		String token = telemetry.signal(Level.DEBUG, Kind.TRACE)
			.id("shop/login")
			.data("user", "u-1")
			.withResult(false)
			.observe(() -> "a secret");
		assertThat(token).isEqualTo("a secret");
		assertThat(capture).hasSignal("shop/login").hasLevel(Level.DEBUG).hasData("user", "u-1");
		assertThat(capture.signals().get(0).run().result()).isNull();
	}

	@Test
	void traceEndsWithTheStageThatTheWorkReturns(Capture capture) throws Exception {
		ExecutorService threads = Executors.newSingleThreadExecutor();
		try {
			ExecutorService executor = ContextExecutors.wrap(threads);
			CompletableFuture<String> receipt = telemetry.trace("shop/payment",
					() -> CompletableFuture.supplyAsync(() -> telemetry.trace("bank/charge", () -> "paid"), executor));
			assertThat(receipt.get()).isEqualTo("paid");
			executor.submit(() -> {
			}).get();
			Signal payment = only(capture.signals(), "shop/payment");
			assertThat(payment.run().result()).isEqualTo("paid");
			assertThat(only(capture.signals(), "bank/charge").run().parentId()).isEqualTo(payment.run().spanId());
		}
		finally {
			threads.shutdownNow();
		}
	}

	@Test
	void traceEndsWithTheSubscription(Capture capture) {
		Mono<Integer> price = telemetry.trace("shop/price", () -> Mono.fromCallable(() -> priceOf(4)));
		assertThat(capture).isEmpty();
		assertThat(price.block()).isEqualTo(4000);
		assertThat(only(capture.signals(), "shop/price").run().result()).isEqualTo(4000);
	}

	@Test
	void spyLooksAtAValueAsItGoesBy(Capture capture) {
		int withTax = telemetry.spy(Level.DEBUG, () -> priceOf(4)) * 119 / 100;
		assertThat(withTax).isEqualTo(4760);
		assertThat(capture).singleElement().satisfies((signal) -> {
			assertThat(signal.kind()).isEqualTo(Kind.SPY);
			assertThat(signal.run().result()).isEqualTo(4000);
		});
	}

	@Test
	void catchToErrorTellsOfTheExceptionAndGoesOn(Capture capture) {
		int product = telemetry.catchToError(() -> recommend(), 1);
		assertThat(product).isEqualTo(1);
		assertThat(capture).singleElement().satisfies((signal) -> assertThat(signal).hasError(IOException.class));
		capture.clear();
		assertThatExceptionOfType(IOException.class).isThrownBy(() -> telemetry.catchToError(() -> recommend()));
		assertThat(capture).hasSize(1);
	}

	@Test
	void timesAreMeasurementsInMilliseconds(Capture capture) throws IOException {
		telemetry.performance("shop.import", 12.5, Map.of("rows", 100));
		int price = telemetry.withTiming("shop.price", () -> priceOf(4));
		assertThat(price).isEqualTo(4000);
		Signal imported = only(capture.signals(), "shop.import");
		assertThat(imported.kind()).isEqualTo(Kind.METRIC);
		assertThat(imported.level()).isEqualTo(Level.INFO);
		assertThat(imported.measurement()).isEqualTo(new Measurement(Measurement.Type.HISTOGRAM, 12.5, "ms", Map.of()));
		assertThat(only(capture.signals(), "shop.price").measurement().value()).isNotNegative();
	}

	@Test
	void metersTellEachValue(Capture capture) {
		class Till {

			private final Counter orders = telemetry.counter("shop.orders").description("Orders placed");

			private final Gauge waiting = telemetry.gauge("shop.waiting");

			private final Histogram totals = telemetry.histogram("shop.total").unit("cents").buckets(1000, 5000, 20000);

			void sold(String country, int cents, int stillWaiting) {
				orders.tag("country", country).increment();
				waiting.set(stillWaiting);
				totals.record(cents);
			}

		}
		new Till().sold("de", 3900, 2);
		assertThat(capture).extracting(Signal::id).containsExactly("shop.orders", "shop.waiting", "shop.total");
		assertThat(capture).extracting(Signal::level).containsOnly(Level.DEBUG);
		assertThat(capture.signals().get(0).measurement())
			.isEqualTo(new Measurement(Measurement.Type.COUNTER, 1, null, Map.of("country", "de")));
		assertThat(capture.signals().get(0).message()).isEqualTo("Orders placed");
	}

	@Test
	void moduleTellsBeginAndEnd(Capture capture) {
		List<String> catalogue = telemetry.module("catalogue", () -> List.of("Lantern", "Compass"));
		assertThat(catalogue).hasSize(2);
		assertThat(capture).hasSignal("module/loading").hasKind(Kind.SYSTEM).hasLevel(Level.DEBUG);
		assertThat(capture).hasSignal("module/loaded").hasLevel(Level.INFO).hasData("module", "catalogue");
		assertThatExceptionOfType(IOException.class).isThrownBy(() -> telemetry.module("oracle", () -> recommend()));
		assertThat(capture).hasSignal("module/failed").hasLevel(Level.ERROR).hasError(IOException.class);
	}

	@Test
	void contextIsInEverySignalOfItsScope(Capture capture) {
		try (Scope scope = telemetry.withContext(Map.of("order", 17))) {
			telemetry.event("shop/paid");
		}
		int cents = telemetry.withContext(Map.of("order", 18), () -> {
			telemetry.event("shop/priced");
			return priceOf(4);
		});
		telemetry.event("shop/closed");
		assertThat(cents).isEqualTo(4000);
		assertThat(capture).hasSignal("shop/paid").hasContext("order", 17);
		assertThat(capture).hasSignal("shop/priced").hasContext("order", 18);
		assertThat(only(capture.signals(), "shop/closed").context()).isEmpty();
	}

	@Test
	void scopesNestAndMerge(Capture capture) {
		try (Scope order = telemetry.withContext(Map.of("order", 17, "user", "u-1"))) {
			try (Scope step = telemetry.withContext(Map.of("step", "pay", "user", "admin"))) {
				telemetry.event("inner");
			}
			telemetry.event("outer");
		}
		assertThat(only(capture.signals(), "inner").context())
			.isEqualTo(Map.of("order", 17, "step", "pay", "user", "admin"));
		assertThat(only(capture.signals(), "outer").context()).isEqualTo(Map.of("order", 17, "user", "u-1"));
	}

	@Test
	void contextFlowsThroughWrappedExecutors(Capture capture) throws Exception {
		ExecutorService threads = Executors.newSingleThreadExecutor();
		try {
			ExecutorService executor = ContextExecutors.wrap(threads);
			try (Scope scope = telemetry.withContext(Map.of("order", 17))) {
				Future<?> mail = executor.submit(() -> telemetry.event("shop/mailed"));
				mail.get();
			}
			assertThat(capture).hasSignal("shop/mailed").hasContext("order", 17);
		}
		finally {
			threads.shutdownNow();
		}
	}

	@Test
	void levelsAreNumbers(Capture capture) {
		Level notice = Level.of(55);
		telemetry.log(notice, "Between info and warn");
		telemetry.log(Level.REPORT, "4,711 orders today");
		assertThat(notice.isAtLeast(Level.INFO)).isTrue();
		assertThat(Level.WARN.isAtLeast(notice)).isTrue();
		assertThat(Level.REPORT.isAtLeast(Level.FATAL)).isTrue();
		assertThat(this.handled).hasSize(2);
	}

	@Test
	void errorsTellTheirPlaceAndLocationsCanBeHadForAll(Capture capture) {
		telemetry.log("no place");
		telemetry.error("with place");
		assertThat(capture.signals().get(0).location()).isNull();
		assertThat(capture.signals().get(1).location().className()).isEqualTo(GuideTests.class.getName());
		SignalPipeline everywhere = SignalPipeline.builder()
			.settings((settings) -> settings.withLocations(PipelineSettings.Locations.ALWAYS))
			.build();
		capture.clear();
		new Telemetry(everywhere, "com.acme.Shop").log("with place");
		assertThat(capture.signals().get(0).location().method())
			.isEqualTo("errorsTellTheirPlaceAndLocationsCanBeHadForAll");
		everywhere.close();
	}

	@Test
	void fingerprintIsThatOfTheOriginAndNotOfTheOccurrence(Capture capture) {
		for (int order = 17; order <= 18; order++) {
			telemetry.error(new IllegalStateException("Order " + order + " is closed"));
		}
		assertThat(capture).hasSize(2);
		assertThat(capture.signals().get(0).error().fingerprint())
			.isEqualTo(capture.signals().get(1).error().fingerprint());
	}

	@Test
	void callIsSampled(Capture capture) {
		for (int i = 0; i < 1000; i++) {
			telemetry.signal(Level.DEBUG).id("shop/searched").sampleRate(0.1).emit();
		}
		assertThat(capture).isNotEmpty().extracting(Signal::sampleRate).containsOnly(0.1);
		assertThat(capture.signals()).hasSizeLessThan(1000);
	}

	@Test
	void callIsLimitedByKey(Capture capture) {
		StockWatch watch = new StockWatch(telemetry);
		for (int i = 0; i < 5; i++) {
			watch.sold(4, 2);
			watch.sold(5, 1);
		}
		assertThat(capture).extracting((signal) -> signal.data().get("product")).containsExactly(4, 5);
	}

	@Test
	void callIsLimited(Capture capture) {
		RateLimiter fiveAMinute = RateLimiter.of("5/1m, 100/1h");
		for (int i = 0; i < 20; i++) {
			telemetry.signal(Level.WARN).message("The bank is slow").limit(fiveAMinute).emit();
		}
		assertThat(capture).hasSize(5);
	}

	@Test
	void callIsTransformed(Capture capture) {
		SignalTransform shout = (signal) -> signal.toBuilder().message(signal.message() + "!").build();
		telemetry.signal().message("Sold out").transform(shout).emit();
		assertThat(capture).singleElement().satisfies((signal) -> assertThat(signal).hasMessage("Sold out!"));
	}

	@Test
	void staticCodeSpeaksThroughTheInstalledPipeline() {
		PriceList.read();
		GlobalPipeline.install(this.pipeline);
		try {
			PriceList.read();
		}
		finally {
			GlobalPipeline.uninstall(this.pipeline);
		}
		assertThat(this.handled).extracting(Signal::message).containsExactly("Price list read", "Price list read");
		assertThat(this.handled).extracting(Signal::namespace).containsOnly(PriceList.class.getName());
	}

	@Test
	void handlersAreAddedRemovedAndAsked(@TempDir Path directory) throws Exception {
		Path path = directory.resolve("errors.jsonl");
		pipeline.addHandler("errors", new FileHandler(new JsonSignalEncoder(), FileOptions.of(path)),
				HandlerOptions.DEFAULTS.withMinLevel(Level.ERROR)
					.withRateLimit(RateLimit.parse("100/1m"))
					.withQueue(QueueOptions.DEFAULTS.withCapacity(5000).withOverflow(new Overflow.DropOldest())));
		telemetry.log("not for this one");
		telemetry.error("for this one");
		boolean written = pipeline.flush(Duration.ofSeconds(5));
		assertThat(written).isTrue();
		assertThat(Files.readAllLines(path)).singleElement().asString().contains("for this one");
		OutcomeStats all = pipeline.stats();
		HandlerView errors = pipeline.handlers().get(1);
		long dropped = errors.stats().count(Outcome.DROPPED_OVERFLOW);
		Duration slowest = errors.latency().max();
		assertThat(all.received()).isEqualTo(2);
		assertThat(errors.name()).isEqualTo("errors");
		assertThat(dropped).isZero();
		assertThat(slowest).isPositive();
		pipeline.removeHandler("errors");
		assertThat(pipeline.handlers()).extracting(HandlerView::name).containsExactly("memory");
	}

	@Test
	void handlerIsALambdaOrAClass() throws Exception {
		List<Signal> signals = new CopyOnWriteArrayList<>();
		pipeline.addHandler("list", (signal) -> signals.add(signal), HandlerOptions.DEFAULTS);
		List<String> sent = new ArrayList<>();
		pipeline.addHandler("batches", new BatchHandler(sent), HandlerOptions.DEFAULTS);
		telemetry.log("a");
		telemetry.log("b");
		assertThat(pipeline.flush(Duration.ofSeconds(30))).isTrue();
		assertThat(signals).hasSize(2);
		assertThat(sent).containsExactly("a", "b");
	}

	@Test
	void filtersAreChangedLiveAndTakenBack() {
		pipeline.change(List.of(Change.Pipeline.minLevel("com.acme.*", Level.WARN)), Duration.ofMinutes(10));
		telemetry.log("refused");
		Explanation explanation = telemetry.explain(Level.INFO, Kind.LOG, null);
		assertThat(explanation.isAllowed()).isFalse();
		assertThat(explanation.pipeline().step()).isEqualTo(Refusal.Step.LEVEL);
		assertThat(explanation.pipeline().detail()).contains("com.acme.*");
		pipeline.clearFilters(); // lets everything through
		pipeline.resetFilters(); // goes back to what was configured
		telemetry.log("let through");
		assertThat(this.handled).extracting(Signal::message).containsExactly("let through");
	}

	@Test
	void predicateIsPartOfTheSettings(Capture capture) {
		SignalPredicate wanted = SignalField.LEVEL.isAtLeast(Level.WARN)
			.or(SignalField.data("cents").isGreaterThan(10_000));
		SignalPipeline strict = SignalPipeline.builder()
			.settings((settings) -> settings.withFilter(settings.filter().withWhen(wanted)))
			.build();
		Telemetry shop = new Telemetry(strict, "com.acme.Shop");
		shop.event("shop/sold", Map.of("cents", 500));
		shop.event("shop/sold-well", Map.of("cents", 50_000));
		assertThat(capture).extracting(Signal::id).containsExactly("shop/sold-well");
		strict.close();
	}

	@Test
	void transformsOfThePipelineApplyToAll(Capture capture) {
		SignalTransform withoutPings = (signal) -> "shop/ping".equals(signal.id()) ? null : signal;
		SignalPipeline quiet = SignalPipeline.builder()
			.settings((settings) -> settings.withTransforms(List.of(withoutPings)))
			.build();
		Telemetry shop = new Telemetry(quiet, "com.acme.Shop");
		shop.event("shop/ping");
		shop.event("shop/checkout");
		assertThat(capture).extracting(Signal::id).containsExactly("shop/checkout");
		assertThat(quiet.stats().count(Outcome.TRANSFORMED)).isOne();
		quiet.close();
	}

	@Test
	void plainJavaProgramOwnsItsPipeline(@TempDir Path directory) throws IOException {
		Path path = directory.resolve("import.jsonl");
		try (SignalPipeline pipeline = SignalPipeline.builder()
			.service(new ServiceIdentity("import", "1.4.2", "prod", null, null, null))
			.handler("console", ConsoleHandler.toStderr(new PrettySignalEncoder()),
					HandlerOptions.DEFAULTS.withMinLevel(Level.WARN))
			.handler("file", new FileHandler(new JsonSignalEncoder(), FileOptions.of(path)), HandlerOptions.DEFAULTS)
			.closeAtShutdown()
			.build()) {
			Telemetry telemetry = new Telemetry(pipeline, "com.acme.Import");
			telemetry.log("Import begins");
		}
		assertThat(Files.readAllLines(path)).singleElement().asString().contains("Import begins").contains("1.4.2");
	}

	@Test
	void captureReturnsWhatCodeMakes() {
		List<Signal> signals = telemetry.capture(() -> telemetry.event("shop/checkout"));
		assertThat(signals).extracting(Signal::id).containsExactly("shop/checkout");
	}

	static class StockWatch {

		private static final KeyedRateLimiter ONE_AN_HOUR = new KeyedRateLimiter(RateLimit.parse("1/1h"), 10_000);

		private final Telemetry telemetry;

		StockWatch(Telemetry telemetry) {
			this.telemetry = telemetry;
		}

		void sold(int product, int left) {
			telemetry.signal(Level.WARN)
				.id("shop/stock-low")
				.data("product", product)
				.data("left", left)
				.limit(ONE_AN_HOUR, "product-" + product)
				.emit();
		}

	}

	static final class PriceList {

		private static final Telemetry TELEMETRY = Telemetry.global(PriceList.class);

		static void read() {
			TELEMETRY.log("Price list read");
		}

	}

	static final class BatchHandler implements SignalHandler {

		private final List<String> sent;

		BatchHandler(List<String> sent) {
			this.sent = sent;
		}

		@Override
		public void handle(Signal signal) {
			handle(List.of(signal));
		}

		@Override
		public void handle(List<Signal> batch) {
			batch.forEach((signal) -> sent.add(signal.message()));
		}

	}

	static final class Checkout {

		private final Telemetry telemetry;

		Checkout(Telemetry telemetry) {
			this.telemetry = telemetry;
		}

		void place(int order) {
			try (Scope scope = telemetry.withContext(Map.of("order", order))) {
				telemetry.event("shop/checkout", Map.of("pieces", 2));
			}
		}

	}

	@Nested
	class ExampleTests {

		private final Checkout checkout = new Checkout(new Telemetry(SignalPipeline.builder().build(), "com.acme"));

		@Test
		void checkoutTellsOfTheOrder(Capture capture) {
			checkout.place(17);
			assertThat(capture).hasNoErrors()
				.hasSignal("shop/checkout")
				.hasLevel(Level.INFO)
				.hasData("pieces", 2)
				.hasContext("order", 17);
		}

	}

}
