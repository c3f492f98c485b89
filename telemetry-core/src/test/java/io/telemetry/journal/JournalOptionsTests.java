package io.telemetry.journal;

import java.net.URI;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class JournalOptionsTests {

	private final JournalOptions options = JournalOptions.of(Path.of("journal"));

	@Test
	void copiesDifferInWhatWasAskedForOnly() {
		Duration day = Duration.ofDays(1);
		JournalOptions copy = this.options.withDirectory(Path.of("other"))
			.withMaxRecordBytes(100)
			.withSize(1 << 20, 1 << 10)
			.withMaxAge(day)
			.withWhenFull(WhenFull.LET_OLDEST_GO)
			.withSync(new Sync.Each());
		assertThat(copy).isEqualTo(new JournalOptions(Path.of("other"), 1 << 20, 1 << 10, 100, day,
				WhenFull.LET_OLDEST_GO, new Sync.Each()));
	}

	@Test
	void byDefaultAtMostHalfASecondIsLostWithThePower() {
		assertThat(this.options.sync()).isEqualTo(new Sync.Interval(Duration.ofMillis(500)));
		assertThat(this.options.whenFull()).isEqualTo(WhenFull.REFUSE_NEW);
	}

	@Test
	void valuesOutOfRangeAreRefusedWithWhatIsAllowed() {
		assertThatIllegalArgumentException().isThrownBy(() -> this.options.withMaxRecordBytes(0))
			.withMessage("maxRecordBytes must be at least 1, not 0");
		assertThatIllegalArgumentException().isThrownBy(() -> this.options.withSize(1L << 40, (1L << 30) + 1))
			.withMessage("segmentBytes must be at most 1073741824, not 1073741825");
		assertThatIllegalArgumentException().isThrownBy(() -> this.options.withMaxAge(Duration.ZERO))
			.withMessage("maxAge must be positive, not PT0S");
		assertThatIllegalArgumentException().isThrownBy(() -> new Sync.Interval(Duration.ZERO))
			.withMessageContaining("atMost must be positive, not PT0S")
			.withMessageContaining("Each");
	}

	@Test
	void sizesThatContradictEachOtherAreRefused() {
		assertThatIllegalArgumentException().isThrownBy(() -> this.options.withMaxRecordBytes(1 << 24))
			.withMessageContaining("segmentBytes must be at least 16777272")
			.withMessageContaining("not 16777216");
		assertThatIllegalArgumentException().isThrownBy(() -> this.options.withSize((32L << 20) - 1, 16L << 20))
			.withMessageContaining("maxBytes must be at least 33554432")
			.withMessageContaining("not 33554431");
	}

	@Test
	void aDirectoryInAnotherFileSystemIsRefused(@TempDir Path directory) throws Exception {
		URI uri = URI.create("jar:" + directory.resolve("a.zip").toUri());
		try (FileSystem zip = FileSystems.newFileSystem(uri, Map.of("create", "true"))) {
			assertThatIllegalArgumentException().isThrownBy(() -> JournalOptions.of(zip.getPath("journal")))
				.withMessageContaining("directory must be in the default file system, not 'journal'");
		}
	}

}
