package io.telemetry.boot.autoconfigure.handler;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

import io.telemetry.Telemetry;
import io.telemetry.boot.InvalidTelemetryConfigurationException;
import io.telemetry.boot.SignalRecorder;
import io.telemetry.boot.autoconfigure.TelemetryAutoConfiguration;
import io.telemetry.boot.recent.RecentSignals;
import io.telemetry.boot.recent.RecentSignalsQuery;
import io.telemetry.encode.Format;
import io.telemetry.encode.SignalEncoder;
import io.telemetry.filter.FilterSettings;
import io.telemetry.filter.SignalPredicate;
import io.telemetry.handler.HandlerFactory;
import io.telemetry.handler.HandlerOptions;
import io.telemetry.handler.HandlerSpec;
import io.telemetry.handler.Overflow;
import io.telemetry.handler.QueueOptions;
import io.telemetry.handler.SignalHandler;
import io.telemetry.limit.RateLimit;
import io.telemetry.pipeline.HandlerView;
import io.telemetry.pipeline.SignalPipeline;
import io.telemetry.signal.Kind;
import io.telemetry.signal.Level;
import io.telemetry.signal.Signal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.core.env.SystemEnvironmentPropertySource;
import org.springframework.core.io.ByteArrayResource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * {@link TelemetryHandlerAutoConfiguration}.
 */
class TelemetryHandlerAutoConfigurationTests {

	private final ApplicationContextRunner runner = new ApplicationContextRunner().withConfiguration(
			AutoConfigurations.of(TelemetryHandlerAutoConfiguration.class, TelemetryAutoConfiguration.class));

	@TempDir
	Path directory;

	private static HandlerView handler(AssertableApplicationContext context, String name) {
		HandlerView view = context.getBean(SignalPipeline.class).handler(name);
		assertThat(view).as(name).isNotNull();
		return view;
	}

	private static List<String> names(AssertableApplicationContext context) {
		return context.getBean(SignalPipeline.class).handlers().stream().map(HandlerView::name).toList();
	}

	@Test
	void defaultHandlersAreDirectAndFromInfoOn() {
		this.runner.run((context) -> {
			HandlerOptions direct = HandlerOptions.DEFAULTS.withQueue(null);
			assertThat(handler(context, "log").configured()).isEqualTo(direct);
			assertThat(handler(context, "recent").configured()).isEqualTo(direct);
			assertThat(direct.filter().minLevel()).isEqualTo(Level.INFO);
		});
	}

	@Test
	void defaultHandlersCanBeLeftOut() {
		this.runner.withPropertyValues("telemetry.handlers.log.enabled=false", "telemetry.recent.size=0")
			.run((context) -> assertThat(names(context)).isEmpty());
	}

	@Test
	void defaultHandlersCanBeAdjusted() {
		this.runner
			.withPropertyValues("telemetry.handlers.log.min-level=error", "telemetry.handlers.recent.min-level=trace")
			.run((context) -> {
				assertThat(handler(context, "log").configured().filter().minLevel()).isEqualTo(Level.ERROR);
				assertThat(handler(context, "recent").configured().filter().minLevel()).isEqualTo(Level.TRACE);
			});
	}

	@Test
	void recentSignalsAreKept() {
		this.runner.withPropertyValues("telemetry.recent.size=2").run((context) -> {
			Telemetry telemetry = context.getBean(Telemetry.class);
			telemetry.event("a");
			telemetry.event("b");
			telemetry.event("c");
			assertThat(context.getBean(RecentSignals.class).find(RecentSignalsQuery.DEFAULTS)).extracting(Signal::id)
				.containsExactly("c", "b");
		});
	}

	@Test
	void fileHandlerWritesLines() throws IOException {
		Path file = this.directory.resolve("deep/signals.jsonl");
		this.runner.withPropertyValues("telemetry.handlers.file.file.path=" + file).run((context) -> {
			assertThat(handler(context, "file").configured().queue())
				.isEqualTo(QueueOptions.DEFAULTS.withCapacity(10_000).withBatches(1000, Duration.ofMillis(200)));
			context.getBean(Telemetry.class).event("shop/checkout");
		});
		assertThat(Files.readAllLines(file)).singleElement().asString().contains("\"id\":\"shop/checkout\"");
	}

	@Test
	void fileIsUnderLogsByDefault() {
		assertThat(new TelemetryHandlersProperties.File().getPath()).isEqualTo("logs/telemetry.jsonl");
	}

	@Test
	void handlerOfATypeMayHaveAnyName() throws IOException {
		Path file = this.directory.resolve("errors.txt");
		this.runner
			.withPropertyValues("telemetry.handlers.error-file.type=file",
					"telemetry.handlers.error-file.min-level=error", "telemetry.handlers.error-file.format=pretty",
					"telemetry.handlers.error-file.file.path=" + file)
			.run((context) -> {
				assertThat(names(context)).contains("error-file");
				context.getBean(Telemetry.class).event("shop/checkout");
				context.getBean(Telemetry.class).error("no stock");
			});
		assertThat(Files.readString(file)).contains("no stock").doesNotContain("shop/checkout").doesNotStartWith("{");
	}

	@Test
	void handlersMadeBeforeAFailureAreClosed() {
		AtomicReference<SignalRecorder> made = new AtomicReference<>();
		this.runner.withBean(HandlerFactory.class, () -> factory("custom", (spec) -> {
		}, made))
			.withPropertyValues("telemetry.handlers.custom.min-level=info", "telemetry.handlers.zzz.type=nonsense")
			.run((context) -> {
				assertThat(context).hasFailed();
				assertThat(made.get().isClosed()).isTrue();
			});
	}

	@Test
	void consoleHandlerWritesForPeopleToTheStreamThatIsNamed() {
		this.runner
			.withPropertyValues("telemetry.handlers.console.console.target=stderr",
					"telemetry.handlers.plain.type=console", "telemetry.handlers.plain.format=json")
			.run((context) -> assertThat(names(context)).contains("console", "plain"));
	}

	@Test
	void everyOptionComesFromProperties() {
		this.runner
			.withPropertyValues(
					options("mine", "type=console", "min-level=55", "ns.allow=a.*,b", "ns.disallow=c", "id.allow=x/*",
							"id.disallow=y", "kind.allow=log,event", "kind.disallow=spy", "when=msg contains 'x'",
							"sample-rate=0.25", "rate-limit=100/1h, 5/1m", "priority=7", "durable=true",
							"async.mode=blocking", "async.buffer-size=50", "async.threads=2", "async.batch-size=10",
							"async.batch-interval=1s", "async.block-timeout=20ms", "async.drain-timeout=3s"))
			.run((context) -> {
				HandlerOptions options = handler(context, "mine").configured();
				FilterSettings filter = options.filter();
				assertThat(filter.minLevel()).isEqualTo(Level.of(55));
				assertThat(filter.ns().allow()).containsExactly("a.*", "b");
				assertThat(filter.ns().disallow()).containsExactly("c");
				assertThat(filter.id().allow()).containsExactly("x/*");
				assertThat(filter.id().disallow()).containsExactly("y");
				assertThat(filter.kindAllow()).containsExactlyInAnyOrder(Kind.LOG, Kind.EVENT);
				assertThat(filter.kindDisallow()).containsExactly(Kind.SPY);
				assertThat(filter.when()).isEqualTo(SignalPredicate.parse("msg contains 'x'"));
				assertThat(options.sampleRate()).isEqualTo(0.25);
				assertThat(options.rateLimit())
					.isEqualTo(RateLimit.of(5, Duration.ofMinutes(1)).and(100, Duration.ofHours(1)));
				assertThat(options.priority()).isEqualTo(7);
				assertThat(options.durable()).isTrue();
				assertThat(options.queue()).isEqualTo(new QueueOptions(50, 2, 10, Duration.ofSeconds(1),
						new Overflow.Block(Duration.ofMillis(20)), Duration.ofSeconds(3)));
			});
	}

	@Test
	void modesAreOverflows() {
		this.runner.withPropertyValues(options("a", "type=console", "async.mode=blocking"))
			.withPropertyValues(options("b", "type=console", "async.mode=dropping"))
			.withPropertyValues(options("c", "type=console", "async.mode=sliding"))
			.withPropertyValues(options("d", "type=console", "async.mode=none"))
			.run((context) -> {
				assertThat(handler(context, "a").configured().queue().overflow())
					.isEqualTo(new Overflow.Block(HandlerOptionsMapper.DEFAULT_BLOCK_TIMEOUT));
				assertThat(handler(context, "b").configured().queue().overflow()).isEqualTo(new Overflow.DropNewest());
				assertThat(handler(context, "c").configured().queue().overflow()).isEqualTo(new Overflow.DropOldest());
				assertThat(handler(context, "d").configured().queue()).isNull();
			});
	}

	private static String[] options(String handler, String... options) {
		return List.of(options)
			.stream()
			.map((option) -> "telemetry.handlers." + handler + "." + option)
			.toArray(String[]::new);
	}

	@ParameterizedTest
	@CsvSource(quoteCharacter = '"', value = { "mine.type=nonsense, mine.type, console",
			"mine.min-level=info, mine.type, SignalHandler bean", "log.min-levle=info, log.min-levle, min-level",
			"log.ns.alow=x, log.ns.alow, allow", "file.file.pth=x, file.file.pth, path",
			"file.console.target=stderr, file.console.target, type 'file'", "log.min-level=loud, log.min-level, trace",
			"log.sample-rate=7, log.sample-rate, from 0", "log.rate-limit=often, log.rate-limit, is not a window",
			"log.rate-limit=, log.rate-limit, at least one window", "log.format=json, log.format, no format",
			"console.format=xml, console.format, json", "log.async.buffer-size=5, log.async.buffer-size, no queue",
			"console.async.buffer-size=0, console.async.buffer-size, at least 1",
			"console.async.batch-size=5000, console.async.batch-size, at most 1000",
			"console.async.buffer-size=5, console.async.buffer-size, batch-size",
			"console.async.block-timeout=5s, console.async.block-timeout, blocking",
			"console.async.batch-interval=-5s, console.async.batch-interval, negative",
			"mine.type=bean, mine.bean.name, missing", "log.ns.allow=a(b), log.ns.allow, '*'",
			"log.when=mgs contains 'x', log.when, column 1: there is no field 'mgs'",
			"other.type=recent, other.recent, recent" })
	void propertyThatMakesNoSenseStopsTheStart(String property, String named, String told) {
		// A file handler opens its file before what is left over can be seen.
		String[] place = property.startsWith("file.")
				? options("file", "file.path=" + this.directory.resolve("signals.jsonl")) : new String[0];
		this.runner.withPropertyValues(place).withPropertyValues("telemetry.handlers." + property).run((context) -> {
			InvalidTelemetryConfigurationException failure = failure(context);
			assertThat(failure.getProperty()).isEqualTo("telemetry.handlers." + named);
			assertThat(failure.getReason() + failure.getRemedy()).contains(told.trim());
			assertThat(failure.getRemedy()).isNotBlank();
		});
	}

	@Test
	void queuePropertiesContradictTheModeNone() {
		this.runner.withPropertyValues(options("console", "async.mode=none", "async.drain-timeout=5s"))
			.run((context) -> assertThat(failure(context).getProperty())
				.isEqualTo("telemetry.handlers.console.async.drain-timeout"));
	}

	@Test
	void durableHandlerNeedsAQueue() {
		this.runner.withPropertyValues(options("console", "async.mode=none", "durable=true")).run((context) -> {
			InvalidTelemetryConfigurationException failure = failure(context);
			assertThat(failure.getProperty()).isEqualTo("telemetry.handlers.console.durable");
			assertThat(failure.getValue()).isEqualTo("true");
			assertThat(failure.getRemedy()).contains("telemetry.handlers.console.async.mode: none");
		});
		this.runner.withPropertyValues("telemetry.handlers.log.durable=true").run((context) -> {
			InvalidTelemetryConfigurationException failure = failure(context);
			assertThat(failure.getProperty()).isEqualTo("telemetry.handlers.log.durable");
			assertThat(failure.getRemedy()).contains("telemetry.handlers.log.async.mode");
		});
		this.runner.withPropertyValues(options("log", "async.mode=dropping", "durable=true"))
			.withPropertyValues(options("console", "async.mode=none", "durable=false"))
			.run((context) -> {
				assertThat(handler(context, "log").configured().durable()).isTrue();
				assertThat(handler(context, "console").configured().durable()).isFalse();
			});
	}

	@Test
	void durableByTheTypesDefaultIsRefusedWithoutAQueueToo() {
		this.runner.withBean(HandlerFactory.class, DurableFactory::new)
			.withPropertyValues("telemetry.handlers.safe.min-level=warn")
			.run((context) -> assertThat(handler(context, "safe").configured().durable()).isTrue());
		this.runner.withBean(HandlerFactory.class, DurableFactory::new)
			.withPropertyValues(options("safe", "async.mode=none"))
			.run((context) -> assertThat(failure(context).getProperty()).isEqualTo("telemetry.handlers.safe.durable"));
		this.runner.withBean(HandlerFactory.class, DurableFactory::new)
			.withPropertyValues(options("safe", "async.mode=none", "durable=false"))
			.run((context) -> assertThat(handler(context, "safe").configured().durable()).isFalse());
	}

	@Test
	void modeThatIsNoneOfThemStopsTheStart() {
		this.runner.withPropertyValues("telemetry.handlers.console.async.mode=sometimes")
			.run((context) -> assertThat(context.getStartupFailure()).hasStackTraceContaining("sometimes")
				.hasStackTraceContaining(BindException.class.getName()));
	}

	private static InvalidTelemetryConfigurationException failure(AssertableApplicationContext context) {
		Throwable failure = context.getStartupFailure();
		while (failure != null && !(failure instanceof InvalidTelemetryConfigurationException)) {
			failure = failure.getCause();
		}
		assertThat(failure).isNotNull();
		return (InvalidTelemetryConfigurationException) failure;
	}

	@Test
	void beanIsAHandlerUnderItsName() {
		SignalRecorder recorder = new SignalRecorder();
		this.runner.withBean("auditTrail", SignalRecorder.class, () -> recorder)
			.withPropertyValues("telemetry.handlers.audit-trail.min-level=warn",
					"telemetry.handlers.audit-trail.async.mode=none")
			.run((context) -> {
				assertThat(names(context)).containsOnlyOnce("audit-trail").doesNotContain("auditTrail");
				context.getBean(Telemetry.class).log(Level.INFO, "refused");
				context.getBean(Telemetry.class).log(Level.WARN, "kept");
			});
		assertThat(recorder.signals()).extracting(Signal::message).containsExactly("kept");
		assertThat(recorder.isClosed()).isTrue();
	}

	@Test
	void beanCanBeReferredToByAHandlerOfAnotherName() {
		this.runner.withBean("auditTrail", SignalRecorder.class)
			.withPropertyValues("telemetry.handlers.audit.type=bean", "telemetry.handlers.audit.bean.name=auditTrail")
			.run((context) -> assertThat(names(context)).containsExactlyInAnyOrder("log", "recent", "audit"));
	}

	@Test
	void beanTakesThePlaceOfADefaultHandler() {
		SignalRecorder recorder = new SignalRecorder();
		this.runner.withBean("log", SignalRecorder.class, () -> recorder)
			.run((context) -> context.getBean(Telemetry.class).log("made"));
		assertThat(recorder.signals()).hasSize(1);
	}

	@Test
	void beanWithATypeOfItsOwnIsAContradiction() {
		this.runner.withBean("audit", SignalRecorder.class)
			.withPropertyValues("telemetry.handlers.audit.type=console")
			.run((context) -> assertThat(failure(context).getProperty()).isEqualTo("telemetry.handlers.audit.type"));
	}

	@Test
	void pipelineIsClosedBeforeTheBeansItHandsSignalsTo() {
		List<String> order = new CopyOnWriteArrayList<>();
		this.runner.withBean("slow", OrderedHandler.class, () -> new OrderedHandler(order))
			.run((context) -> context.getBean(Telemetry.class).log("queued"));
		assertThat(order).containsExactly("handled", "closed");
	}

	@Test
	void anApplicationsFactoryAddsAType() {
		AtomicReference<SignalRecorder> made = new AtomicReference<>();
		this.runner.withBean(HandlerFactory.class, () -> factory("custom", (spec) -> {
			CustomSettings settings = spec.settings(CustomSettings.class);
			assertThat(settings).isEqualTo(new CustomSettings("https://example.org", null));
		}, made))
			.withPropertyValues("telemetry.handlers.mine.type=custom",
					"telemetry.handlers.mine.custom.url=https://example.org")
			.run((context) -> {
				assertThat(names(context)).contains("mine");
				assertThat(handler(context, "mine").configured().queue()).isNull();
			});
	}

	@Test
	void settingThatAnApplicationsFactoryDoesNotKnowStopsTheStart() {
		this.runner
			.withBean(HandlerFactory.class,
					() -> factory("custom", (spec) -> spec.settings(CustomSettings.class), new AtomicReference<>()))
			.withPropertyValues("telemetry.handlers.custom.custom.uri=x")
			.run((context) -> {
				assertThat(failure(context).getProperty()).isEqualTo("telemetry.handlers.custom.custom.uri");
				assertThat(failure(context).getRemedy()).contains("retries, url");
			});
	}

	private static HandlerFactory factory(String type, Consumer<HandlerSpec> check,
			AtomicReference<SignalRecorder> made) {
		return new HandlerFactory() {

			@Override
			public String type() {
				return type;
			}

			@Override
			public SignalHandler create(HandlerSpec spec) {
				check.accept(spec);
				SignalRecorder recorder = new SignalRecorder();
				made.set(recorder);
				return recorder;
			}

			@Override
			public HandlerOptions defaults() {
				return HandlerOptions.DEFAULTS.withQueue(null);
			}

		};
	}

	@ParameterizedTest
	@EnumSource(names = { "JSON", "ECS", "LOGFMT", "EDN", "PRETTY", "CBOR" })
	void formatIsChosenByItsName(Format format) throws IOException {
		Path file = this.directory.resolve("signals");
		this.runner
			.withPropertyValues("telemetry.handlers.file.format=" + format, "telemetry.handlers.file.file.path=" + file)
			.run((context) -> context.getBean(Telemetry.class).event("shop/checkout", Map.of("cents", 4711)));
		String start = switch (format) {
			case JSON -> "{\"timestamp\":\"";
			case ECS -> "{\"@timestamp\":\"";
			case LOGFMT -> "timestamp=";
			case EDN -> "{:timestamp #inst \"";
			case CBOR -> "\u00bfitimestamp";
			default -> "2";
		};
		String written = Files.readString(file, StandardCharsets.ISO_8859_1);
		assertThat(written).startsWith(start).contains("shop/checkout", "cents");
		assertThat(written.endsWith("\n")).isEqualTo(format != Format.CBOR);
	}

	@ParameterizedTest
	@EnumSource(names = { "MSGPACK", "TRANSIT" })
	void formatWhoseLibraryIsMissingNamesTheDependency(Format format) {
		this.runner.withBean("angular", SignalEncoder.class, () -> (signal, out) -> out.write('x'))
			.withPropertyValues("telemetry.handlers.console.format=" + format)
			.run((context) -> {
				InvalidTelemetryConfigurationException failure = failure(context);
				assertThat(failure.getProperty()).isEqualTo("telemetry.handlers.console.format");
				assertThat(failure.getReason()).contains("library");
				assertThat(failure.getRemedy()).isEqualTo("Add the dependency '" + format.dependency()
						+ "', or use one of: angular, cbor, ecs, edn, json, logfmt, pretty, syslog");
			});
	}

	@Test
	void unknownFormatIsAnsweredWithThoseThatWork() {
		this.runner.withPropertyValues("telemetry.handlers.console.format=yaml")
			.run((context) -> assertThat(failure(context).getRemedy())
				.isEqualTo("Use one of: cbor, ecs, edn, json, logfmt, pretty, syslog"));
	}

	@Test
	void consoleRefusesABinaryFormat() {
		this.runner.withPropertyValues("telemetry.handlers.console.format=cbor")
			.run((context) -> assertThat(failure(context).getReason()).contains("binary").contains("pretty"));
	}

	@Test
	void encoderBeanStandsInForTheFormatOfItsName() throws IOException {
		Path file = this.directory.resolve("signals.txt");
		this.runner.withBean("json", SignalEncoder.class, () -> (signal, out) -> out.write('x'))
			.withPropertyValues("telemetry.handlers.file.format=json", "telemetry.handlers.file.file.path=" + file)
			.run((context) -> context.getBean(Telemetry.class).event("a"));
		assertThat(Files.readString(file)).isEqualTo("x\n");
	}

	@ParameterizedTest
	@CsvSource({ "always, NO_COLOR=1, true", "never, spring.output.ansi.enabled=always, false",
			"auto, spring.output.ansi.enabled=always, true", "auto, spring.output.ansi.enabled=never, false",
			"auto, TERM=dumb, false" })
	void colourIsAsConfigured(String color, String property, boolean coloured) {
		assertThat(
				console(Level.INFO, "telemetry.handlers.console.console.color=" + color, "NO_COLOR=", property).get(0)
					.contains("\u001b["))
			.isEqualTo(coloured);
	}

	@Test
	void noColorBeatsWhatIdesSet() {
		assertThat(console(Level.INFO, "NO_COLOR=1", "spring.output.ansi.enabled=always").get(0)).contains("hello")
			.doesNotContain("\u001b[");
	}

	@Test
	void splitConsoleSendsErrorsToStandardError() {
		assertThat(console(Level.ERROR, "telemetry.handlers.console.console.target=split").get(1)).contains("hello");
		assertThat(console(Level.WARN, "telemetry.handlers.console.console.target=split").get(0)).contains("hello");
	}

	private List<String> console(Level level, String... properties) {
		PrintStream previousOut = System.out;
		PrintStream previousErr = System.err;
		ByteArrayOutputStream out = new ByteArrayOutputStream();
		ByteArrayOutputStream err = new ByteArrayOutputStream();
		try {
			System.setOut(new PrintStream(out));
			System.setErr(new PrintStream(err));
			this.runner
				.withPropertyValues("telemetry.handlers.log.enabled=false", "telemetry.handlers.console.enabled=true")
				.withPropertyValues(properties)
				.run((context) -> context.getBean(Telemetry.class).log(level, "hello"));
		}
		finally {
			System.setOut(previousOut);
			System.setErr(previousErr);
		}
		return List.of(out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
	}

	@Test
	void encoderBeanAddsAFormat() throws IOException {
		Path file = this.directory.resolve("signals.txt");
		SignalEncoder encoder = (signal, out) -> out.write(("<" + signal.id() + ">").getBytes(StandardCharsets.UTF_8));
		this.runner.withBean("angular", SignalEncoder.class, () -> encoder)
			.withPropertyValues("telemetry.handlers.file.format=angular", "telemetry.handlers.file.file.path=" + file)
			.run((context) -> context.getBean(Telemetry.class).event("a"));
		assertThat(Files.readString(file)).isEqualTo("<a>\n");
	}

	@Test
	void handlersOfOneFormatHaveASignalEncodedOnce() {
		AtomicInteger calls = new AtomicInteger();
		SignalEncoder encoder = (signal, out) -> out
			.write(("<" + calls.incrementAndGet() + ">").getBytes(StandardCharsets.UTF_8));
		Map<String, ByteArrayOutputStream> written = new HashMap<>();
		// Without queues: two threads that encode at the same time may both do it.
		HandlerFactory factory = new HandlerFactory() {

			@Override
			public String type() {
				return "text";
			}

			@Override
			public SignalHandler create(HandlerSpec spec) {
				SignalEncoder shared = spec.encoder("json");
				ByteArrayOutputStream out = new ByteArrayOutputStream();
				written.put(spec.name(), out);
				return (signal) -> shared.encode(signal, out);
			}

			@Override
			public HandlerOptions defaults() {
				return HandlerOptions.DEFAULTS.withQueue(null);
			}

		};
		this.runner.withBean("angular", SignalEncoder.class, () -> encoder)
			.withBean(HandlerFactory.class, () -> factory)
			.withPropertyValues("telemetry.handlers.one.type=text", "telemetry.handlers.one.format=angular",
					"telemetry.handlers.two.type=text", "telemetry.handlers.two.format=angular")
			.run((context) -> {
				context.getBean(SignalPipeline.class)
					.addHandler("live", (signal) -> encoder.encode(signal, OutputStream.nullOutputStream()),
							HandlerOptions.DEFAULTS.withQueue(null).withPriority(-1));
				context.getBean(Telemetry.class).event("a");
				context.getBean(Telemetry.class).event("b");
			});
		assertThat(written.get("one").toString()).isEqualTo("<1><3>").isEqualTo(written.get("two").toString());
		assertThat(calls).hasValue(4);
	}

	@Test
	void nameAloneIsAHandlerWithItsDefaults() {
		this.runner.withInitializer((context) -> {
			try {
				new YamlPropertySourceLoader()
					.load("yaml", new ByteArrayResource("telemetry:\n  handlers:\n    console:\n".getBytes()))
					.forEach(context.getEnvironment().getPropertySources()::addLast);
			}
			catch (IOException ex) {
				throw new UncheckedIOException(ex);
			}
		}).run((context) -> assertThat(names(context)).contains("console"));
	}

	@Test
	void twoFactoriesOfOneTypeStopTheStart() {
		this.runner.withBean(HandlerFactory.class, () -> factory("file", (spec) -> {
		}, new AtomicReference<>()))
			.run((context) -> assertThat(context.getStartupFailure()).hasStackTraceContaining("of type 'file'"));
	}

	@Test
	void negativeSizeOfRecentSignalsStopsTheStart() {
		this.runner.withPropertyValues("telemetry.recent.size=-1")
			.run((context) -> assertThat(failure(context).getProperty()).isEqualTo("telemetry.recent.size"));
	}

	@Test
	void environmentVariablesReachHandlers() {
		this.runner
			.withInitializer((context) -> context.getEnvironment()
				.getPropertySources()
				.addFirst(new SystemEnvironmentPropertySource("systemEnvironment",
						Map.of("TELEMETRY_HANDLERS_LOG_MINLEVEL", "warn", "TELEMETRY_HANDLERS_ERRORFILE_MINLEVEL",
								"fatal"))))
			.withPropertyValues("telemetry.handlers.error-file.type=console")
			.run((context) -> {
				assertThat(handler(context, "log").configured().filter().minLevel()).isEqualTo(Level.WARN);
				assertThat(handler(context, "error-file").configured().filter().minLevel()).isEqualTo(Level.FATAL);
			});
	}

	record CustomSettings(String url, Integer retries) {
	}

	static class OrderedHandler implements SignalHandler {

		private final List<String> order;

		OrderedHandler(List<String> order) {
			this.order = order;
		}

		@Override
		public void handle(Signal signal) {
			this.order.add("handled");
		}

		@Override
		public void close() {
			this.order.add("closed");
		}

	}

	/**
	 * A type whose handlers lose nothing unless somebody says otherwise.
	 */
	private static final class DurableFactory implements HandlerFactory {

		@Override
		public String type() {
			return "safe";
		}

		@Override
		public SignalHandler create(HandlerSpec spec) {
			return new SignalRecorder();
		}

		@Override
		public HandlerOptions defaults() {
			return HandlerOptions.DEFAULTS.withDurable(true);
		}

	}

}
