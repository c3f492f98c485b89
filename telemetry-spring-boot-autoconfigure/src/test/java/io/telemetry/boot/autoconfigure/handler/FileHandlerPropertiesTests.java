package io.telemetry.boot.autoconfigure.handler;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import io.telemetry.Telemetry;
import io.telemetry.boot.InvalidTelemetryConfigurationException;
import io.telemetry.boot.autoconfigure.TelemetryAutoConfiguration;
import io.telemetry.boot.autoconfigure.handler.TelemetryHandlersProperties.File;
import io.telemetry.encode.SignalEncoder;
import io.telemetry.handler.HandlerSpec;
import io.telemetry.handler.file.FileOptions;
import io.telemetry.handler.file.FileOptions.Retention;
import io.telemetry.handler.file.FileOptions.Rotation;
import io.telemetry.handler.file.FileOptions.Sync;
import io.telemetry.signal.ServiceIdentity;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.mock.env.MockEnvironment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class FileHandlerPropertiesTests {

	private static final ServiceIdentity SERVICE = new ServiceIdentity("shop", null, null, null, null, "box-1");

	private final ApplicationContextRunner runner = new ApplicationContextRunner().withConfiguration(
			AutoConfigurations.of(TelemetryHandlerAutoConfiguration.class, TelemetryAutoConfiguration.class));

	@TempDir
	Path directory;

	/**
	 * The options of the properties of a handler {@code f}.
	 */
	private static FileOptions options(String... properties) {
		MockEnvironment environment = new MockEnvironment();
		for (String property : properties) {
			int equals = property.indexOf('=');
			environment.setProperty("f.file." + property.substring(0, equals), property.substring(equals + 1));
		}
		File file = Binder.get(environment).bindOrCreate("f.file", Bindable.of(File.class));
		return new FileOptionsMapper(new Spec(), file, SERVICE).options();
	}

	private record Spec() implements HandlerSpec {

		@Override
		public String name() {
			return "f";
		}

		@Override
		public String property(String setting) {
			return "f.file." + setting;
		}

		@Override
		public <T> T settings(Class<T> type) {
			throw new IllegalStateException();
		}

		@Override
		public SignalEncoder encoder(String defaultFormat) {
			throw new IllegalStateException();
		}

	}

	@Test
	void whereNothingIsSaidOptionsAreThoseOfCore() {
		FileOptions options = options();
		assertThat(options)
			.isEqualTo(FileOptions.of(Path.of("logs/telemetry.jsonl").toAbsolutePath(), options.names()));
		assertThat(options.rotation()).isEqualTo(new Rotation(Rotation.Interval.DAY, 100 << 20));
		assertThat(options.compress()).isTrue();
		assertThat(options.retention()).isEqualTo(new Retention(Duration.ofDays(30), 30, 10L << 30));
		assertThat(options.sync()).isEqualTo(new Sync.AtEnd());
		assertThat(options.maxOpenFiles()).isEqualTo(64);
		assertThat(options.zone()).isEqualTo(ZoneId.systemDefault());
	}

	@Test
	void everyOptionComesFromProperties() {
		FileOptions options = options("path=/logs/${session}.jsonl", "rotation=hourly", "max-size=5MB",
				"compress=false", "max-age=7d", "max-files=9", "max-total-size=1GB", "sync=interval",
				"sync-interval=250ms", "max-open-files=3", "zone=Europe/Oslo");
		assertThat(options)
			.isEqualTo(new FileOptions(Path.of("/logs/${session}.jsonl").toAbsolutePath(), options.names(),
					new Rotation(Rotation.Interval.HOUR, 5 << 20), false, new Retention(Duration.ofDays(7), 9, 1 << 30),
					new Sync.Every(Duration.ofMillis(250)), 3, ZoneId.of("Europe/Oslo")));
	}

	@Test
	void choicesAreOptions() {
		assertThat(options("rotation=size").rotation()).isEqualTo(new Rotation(Rotation.Interval.NONE, 100 << 20));
		assertThat(options("rotation=never").rotation()).isEqualTo(Rotation.NEVER);
		assertThat(options("rotation=never").retention()).isEqualTo(Retention.UNLIMITED);
		assertThat(options("sync=batch").sync()).isEqualTo(new Sync.EachBatch());
		assertThat(options("sync=interval").sync()).isEqualTo(new Sync.Every(Duration.ofSeconds(1)));
		assertThat(options("path=${session}.jsonl").retention()).isEqualTo(Retention.SESSIONS);
		assertThat(options("path=${session}.jsonl", "rotation=never", "max-files=5").retention())
			.isEqualTo(Retention.SESSIONS.withMaxFiles(5));
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|',
			value = { "path=a-${dat}.jsonl | path | a-${dat}.jsonl | ${date}",
					"path=a-${date}.jsonl;rotation=size | rotation | size | daily",
					"rotation=never;max-size=1MB | max-size | 1048576B | f.file.rotation",
					"rotation=never;compress=true | compress | true | f.file.rotation",
					"rotation=never;max-age=1d | max-age | PT24H | f.file.rotation",
					"rotation=never;max-files=5 | max-files | 5 | f.file.rotation",
					"rotation=never;max-total-size=5GB | max-total-size | 5368709120B | f.file.rotation",
					"max-total-size=50MB | max-total-size | 52428800B | f.file.max-size",
					"max-size=20GB | max-size | 21474836480B | f.file.max-total-size",
					"max-size=0 | max-size | 0B | 100MB", "max-files=0 | max-files | 0 | 1 or more",
					"max-age=0 | max-age | PT0S | 30d", "max-total-size=-1 | max-total-size | -1B | 100MB",
					"sync=batch;sync-interval=5s | sync-interval | PT5S | interval",
					"sync=interval;sync-interval=0s | sync-interval | PT0S | 500ms",
					"max-open-files=5 | max-open-files | 5 | ${session}",
					"path=${session};max-open-files=0 | max-open-files | 0 | 1 or more" })
	void settingsThatMakeNoSenseAreRefusedByNameValueAndRemedy(String properties, String setting, String value,
			String told) {
		assertThatExceptionOfType(InvalidTelemetryConfigurationException.class)
			.isThrownBy(() -> options(properties.split(";")))
			.satisfies((ex) -> {
				assertThat(ex.getProperty()).isEqualTo("f.file." + setting);
				assertThat(ex.getValue()).isEqualTo(value);
				assertThat(ex.getReason() + ex.getRemedy()).contains(told);
				assertThat(ex.getRemedy()).isNotBlank();
			});
	}

	private String[] file(String handler, String path, String... more) {
		return Stream.concat(Stream.of("type=file", "file.path=" + this.directory.resolve(path)), Stream.of(more))
			.map((property) -> "telemetry.handlers." + handler + "." + property)
			.toArray(String[]::new);
	}

	private static InvalidTelemetryConfigurationException failure(AssertableApplicationContext context) {
		assertThat(context).hasFailed();
		Throwable failure = context.getStartupFailure();
		while (failure != null && !(failure instanceof InvalidTelemetryConfigurationException)) {
			failure = failure.getCause();
		}
		assertThat(failure).isNotNull();
		return (InvalidTelemetryConfigurationException) failure;
	}

	@Test
	void namesInAPathAreThoseOfTheApplicationUnlessSpringKnowsAProperty() {
		String path = "${my.directory}/${service}/${date}.jsonl";
		this.runner
			.withPropertyValues("my.directory=mine", "spring.application.name=shop", "telemetry.handlers.a.file.zone=Z")
			.withPropertyValues(file("a", path))
			.run((context) -> context.getBean(Telemetry.class).event("x"));
		assertThat(this.directory.resolve("mine/shop/" + LocalDate.now(ZoneOffset.UTC) + ".jsonl")).isNotEmptyFile();
	}

	@Test
	void aNameThatIsAPropertyTooIsTheHandlersWhenEscaped() {
		this.runner.withPropertyValues("service=theirs", "spring.application.name=ours")
			.withPropertyValues(file("a", "a-${service}.jsonl"))
			.withPropertyValues("telemetry.handlers.b.type=file")
			.withPropertyValues("telemetry.handlers.b.file.path=" + this.directory + "/b-\\${service}.jsonl")
			.run((context) -> assertThat(context).hasNotFailed());
		assertThat(this.directory.resolve("a-theirs.jsonl")).exists();
		assertThat(this.directory.resolve("b-ours.jsonl")).exists();
	}

	@Test
	void aPlaceholderThatNobodyKnowsStopsTheStart() {
		this.runner.withPropertyValues(file("a", "${nobody.knows}/a.jsonl")).run((context) -> {
			InvalidTelemetryConfigurationException failure = failure(context);
			assertThat(failure.getProperty()).isEqualTo("telemetry.handlers.a.file.path");
			assertThat(failure.getReason()).contains("${nobody.knows}").contains("${date}, ${host}, ${service}");
		});
	}

	@Test
	void eachSessionHasAFile() throws IOException {
		this.runner.withPropertyValues(file("a", "sessions/${session}.jsonl")).run((context) -> {
			Telemetry telemetry = context.getBean(Telemetry.class);
			telemetry.event("x", Map.of("sessionId", "one"));
			telemetry.event("y", Map.of("sessionId", "../two"));
		});
		assertThat(this.directory.resolve("sessions/session-one.jsonl")).isNotEmptyFile();
		try (Stream<Path> files = Files.list(this.directory.resolve("sessions"))) {
			// Those of the application's start and end have no session.
			assertThat(files).hasSizeBetween(2, 3);
		}
	}

	@Test
	void handlersThatAgreeMayShareAFile() throws IOException {
		this.runner.withPropertyValues(file("a", "a.jsonl"))
			.withPropertyValues(file("b", "x/../a.jsonl", "id.disallow=x"))
			.run((context) -> {
				context.getBean(Telemetry.class).event("x");
				context.getBean(Telemetry.class).event("y");
			});
		List<String> lines = Files.readAllLines(this.directory.resolve("a.jsonl"));
		assertThat(lines).filteredOn((line) -> line.contains("\"id\":\"x\"")).hasSize(1);
		assertThat(lines).filteredOn((line) -> line.contains("\"id\":\"y\"")).hasSize(2);
	}

	@Test
	void handlersOfOneFileThatRotateItDifferentlyAreRefused() {
		this.runner.withPropertyValues(file("a", "a.jsonl"))
			.withPropertyValues(file("b", "a.jsonl", "file.rotation=hourly"))
			.run((context) -> {
				assertThat(failure(context).getProperty()).isEqualTo("telemetry.handlers.b.file.path");
				assertThat(failure(context).getReason()).contains("'a' writes to this file");
			});
	}

	@Test
	void aPathThatIsADirectoryStopsTheStart() {
		this.runner.withPropertyValues(file("a", "")).run((context) -> {
			InvalidTelemetryConfigurationException failure = failure(context);
			assertThat(failure.getProperty()).isEqualTo("telemetry.handlers.a.file.path");
			assertThat(failure.getValue()).isEqualTo(this.directory.toString());
			assertThat(failure.getReason()).contains("is a directory");
		});
	}

	@Test
	void aPathBelowAFileStopsTheStart() throws IOException {
		Files.createFile(this.directory.resolve("file"));
		this.runner.withPropertyValues(file("a", "file/a.jsonl")).run((context) -> {
			InvalidTelemetryConfigurationException failure = failure(context);
			assertThat(failure.getProperty()).isEqualTo("telemetry.handlers.a.file.path");
			assertThat(failure.getReason()).contains("Can't open");
			assertThat(failure.getRemedy()).contains("can create and write");
		});
	}

	@Test
	void aFileWithoutAQueueIsRefused() {
		this.runner.withPropertyValues(file("a", "a.jsonl", "async.mode=none")).run((context) -> {
			InvalidTelemetryConfigurationException failure = failure(context);
			assertThat(failure.getProperty()).isEqualTo("telemetry.handlers.a.async.mode");
			assertThat(failure.getValue()).isEqualTo("none");
			assertThat(failure.getRemedy()).contains("dropping");
		});
		assertThat(this.directory.resolve("a.jsonl")).doesNotExist();
	}

}
