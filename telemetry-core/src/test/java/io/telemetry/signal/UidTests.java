package io.telemetry.signal;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class UidTests {

	@Test
	void uidsOfOneThreadSortInOrderOfMaking() {
		List<Uid> uids = new ArrayList<>();
		for (int i = 0; i < 100_000; i++) {
			uids.add(Uid.next(1_767_225_600_000L + i / 1000));
		}
		assertThat(uids).isSorted();
		assertThat(uids.stream().map(Uid::toString)).isSorted();
	}

	@Test
	void uidsOfManyThreadsAreDistinct() {
		Set<Uid> uids = new HashSet<>(
				IntStream.range(0, 200_000).parallel().mapToObj((i) -> Uid.next(1_767_225_600_000L)).toList());
		assertThat(uids).hasSize(200_000);
	}

	@Test
	void textHas26CharactersAndKeepsAllBits() {
		assertThat(new Uid(0, 0)).hasToString("0".repeat(26));
		assertThat(new Uid(-1, -1)).hasToString("7" + "Z".repeat(25));
		assertThat(new Uid(0, 31)).hasToString("0".repeat(25) + "Z");
		assertThat(new Uid(1, 0)).hasToString("0".repeat(13) + "G" + "0".repeat(12));
	}

	@Test
	void derivedUidsAreTheSameForTheSameTextAndDifferByPart() {
		Uid batch = Uid.derivedFrom("session|batch");
		assertThat(Uid.derivedFrom("session|batch")).isEqualTo(batch);
		assertThat(Uid.derivedFrom("session|batch2")).isNotEqualTo(batch);
		Set<Uid> parts = new HashSet<>();
		IntStream.range(0, 100_000).forEach((i) -> parts.add(batch.part(i)));
		assertThat(parts).hasSize(100_000);
		assertThat(batch.part(7)).isEqualTo(Uid.derivedFrom("session|batch").part(7));
	}

}
