package io.telemetry.handler.file;

import java.nio.file.Path;
import java.util.Map;
import java.util.Random;

import io.telemetry.handler.file.PathTemplate.Found;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class PathTemplateTests {

	private static final Path LOGS = Path.of("/var/logs").toAbsolutePath();

	private static PathTemplate template(String path) {
		return PathTemplate.of(LOGS.resolve(path), Map.of("host", "box-1", "service", "../shop front"));
	}

	@Test
	void namesAreReplacedByWhatTheyStandForAsFarAsItHasAPlaceInAFileName() {
		assertThat(template("${host}/${service}.jsonl").live("", null))
			.isEqualTo(LOGS.resolve("box-1/__shop_front.jsonl"));
		assertThat(PathTemplate.of(LOGS.resolve("${name}.jsonl"), Map.of("name", "")).live("", null))
			.isEqualTo(LOGS.resolve("_.jsonl"));
	}

	@Test
	void aNameThatNobodyKnowsIsRefusedWithThoseThatAreKnown() {
		assertThatIllegalArgumentException().isThrownBy(() -> template("${LOG_DIR}/a.jsonl"))
			.withMessageContaining("${LOG_DIR}")
			.withMessageContaining("${date}, ${host}, ${service}, ${session}");
	}

	@Test
	void endedFilesHaveDateAndNumberAfterTheName() {
		PathTemplate template = template("a.jsonl");
		Path live = template.live("2026-11-21", null);
		assertThat(live).isEqualTo(LOGS.resolve("a.jsonl"));
		assertThat(template.ended(live, "2026-11-21", 3)).isEqualTo(LOGS.resolve("a.jsonl.2026-11-21.3"));
	}

	@Test
	void endedFilesWhosePathHasTheDateHaveANumberAlone() {
		PathTemplate template = template("${date}/a-${date}.jsonl");
		Path live = template.live("2026-11-21", null);
		assertThat(live).isEqualTo(LOGS.resolve("2026-11-21/a-2026-11-21.jsonl"));
		assertThat(template.ended(live, "2026-11-21", 3)).isEqualTo(LOGS.resolve("2026-11-21/a-2026-11-21.jsonl.3"));
		assertThat(template.root()).isEqualTo(LOGS);
		assertThat(template.depth()).isEqualTo(2);
	}

	@ParameterizedTest
	@CsvSource({ "a.jsonl, LIVE, -1", "a.jsonl.2026-11-21.0, ENDED, 0", "a.jsonl.2026-11-21-07.12, ENDED, 12",
			"a.jsonl.2026-11-21.0.gz, COMPRESSED, 0", "a.jsonl.2026-11-21.0.gz.tmp, TEMPORARY, 0" })
	void ownFilesAreKnownByTheirNames(String name, Found.State state, int index) {
		Found found = template("a.jsonl").match(LOGS.resolve(name));
		assertThat(found.state()).isEqualTo(state);
		assertThat(found.index()).isEqualTo(index);
	}

	@ParameterizedTest
	@ValueSource(strings = { "b.jsonl", "a_jsonl", "xa.jsonl", "a.jsonl.bak", "a.jsonl.2026-11-21", "a.jsonl.0",
			"a.jsonl.0.gz", "a.jsonl.2026-11-21.0.zip", "a.jsonl.2026-11-21.0.gz.tmp.1",
			"a.jsonl.2026-11-21.99999999999", "sub/a.jsonl" })
	void otherFilesAreNot(String name) {
		assertThat(template("a.jsonl").match(LOGS.resolve(name))).isNull();
	}

	@Test
	void datesInOnePathHaveToAgree() {
		PathTemplate template = template("${date}/a-${date}.jsonl");
		assertThat(template.match(LOGS.resolve("2026-11-21/a-2026-11-21.jsonl")).date()).isEqualTo("2026-11-21");
		assertThat(template.match(LOGS.resolve("2026-11-21/a-2026-11-22.jsonl"))).isNull();
	}

	@ParameterizedTest
	@CsvSource({ "5d0c-af_1, session-5d0c-af_1.jsonl", "a, session-a.jsonl", ", no-session.jsonl" })
	void plainSessionIdsAreNames(String id, String name) {
		assertThat(template("s/${session}.jsonl").live("", id)).isEqualTo(LOGS.resolve("s/" + name));
	}

	@ParameterizedTest
	@ValueSource(strings = { "", ".", "..", "../../etc/passwd", "/etc/passwd", "a/b", "a\\b", "C:", "con.", "a\u0000b",
			"ABC", "-rf", "h.00000000000000000000000000000000", "ü", "a b", "${date}", "a\nb" })
	void allOtherSessionIdsAreHashed(String id) {
		assertThat(template("s/${session}.jsonl").live("", id).toString()).matches("\\Q" + LOGS
				+ "\\E/s/session-h\\.[0-9a-f]{32}\\.jsonl".replace("/", "\\" + LOGS.getFileSystem().getSeparator()));
	}

	@Test
	void noSessionIdLeavesTheDirectoryNorTheNamesThatAreItsOwn() {
		Random random = new Random(42);
		PathTemplate template = template("${date}/${session}.jsonl");
		for (int i = 0; i < 100_000; i++) {
			StringBuilder id = new StringBuilder();
			for (int length = random.nextInt(100); length > 0; length--) {
				id.append(random.nextBoolean() ? "./\\~:$ah0-_\0%".charAt(random.nextInt(13))
						: (char) random.nextInt(Character.MAX_VALUE));
			}
			Path path = template.live("2026-11-21", id.toString());
			assertThat(path.getParent()).isEqualTo(LOGS.resolve("2026-11-21"));
			assertThat(path.getFileName().toString()).startsWith("session-").hasSizeLessThan(80);
			assertThat(template.match(path)).isNotNull();
		}
	}

	@Test
	void hashesDiffer() {
		PathTemplate template = template("${session}.jsonl");
		assertThat(template.live("", "A")).isNotEqualTo(template.live("", "B"));
	}

}
