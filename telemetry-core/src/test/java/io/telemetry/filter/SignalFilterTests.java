package io.telemetry.filter;

import java.lang.management.ManagementFactory;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

import com.sun.management.ThreadMXBean;
import io.telemetry.signal.Kind;
import io.telemetry.signal.Level;
import io.telemetry.signal.Signal;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assumptions.assumeThat;

class SignalFilterTests {

	@Test
	void theDefaultsLetEverythingThroughFromTraceOn() {
		SignalFilter filter = SignalFilter.of(FilterSettings.DEFAULTS);
		for (Kind kind : Kind.values()) {
			assertThat(filter.threshold(kind, "any")).isEqualTo(Level.TRACE.value());
		}
		assertThat(filter.allows(Level.TRACE, Kind.LOG, "any", null)).isTrue();
		assertThat(filter.allows(Level.of(9), Kind.LOG, "any", null)).isFalse();
		assertThat(filter.checksIds()).isFalse();
	}

	@Test
	void allowAllLetsThroughWhatIsBelowTraceToo() {
		assertThat(SignalFilter.ALLOW_ALL.allows(Level.of(Integer.MIN_VALUE), Kind.SPY, "", null)).isTrue();
		assertThat(SignalFilter.ALLOW_ALL.explain(Level.of(-5), Kind.SPY, "", "x")).isNull();
	}

	@Test
	void theLevelOfANamespaceBeatsThatOfTheKindWhichBeatsTheGlobalOne() {
		SignalFilter filter = SignalFilter.of(FilterSettings.DEFAULTS.withMinLevel(Level.WARN)
			.withKindLevels(Map.of(Kind.METRIC, Level.DEBUG))
			.withLevels(Map.of("a(.*)", Level.ERROR)));
		assertThat(filter.threshold(Kind.LOG, "b")).isEqualTo(Level.WARN.value());
		assertThat(filter.threshold(Kind.METRIC, "b")).isEqualTo(Level.DEBUG.value());
		assertThat(filter.threshold(Kind.METRIC, "a.x")).isEqualTo(Level.ERROR.value());
	}

	@Test
	void ofSeveralNamespacePatternsTheOneWithTheLongestLiteralPrefixCounts() {
		Map<String, Level> levels = new LinkedHashMap<>();
		levels.put("*", Level.FATAL);
		levels.put("com.acme.*", Level.INFO);
		levels.put("com.acme.db.*", Level.TRACE);
		levels.put("com.*", Level.ERROR);
		SignalFilter filter = SignalFilter.of(FilterSettings.DEFAULTS.withLevels(levels));
		assertThat(filter.threshold(Kind.LOG, "com.acme.db.Pool")).isEqualTo(Level.TRACE.value());
		assertThat(filter.threshold(Kind.LOG, "com.acme.Web")).isEqualTo(Level.INFO.value());
		assertThat(filter.threshold(Kind.LOG, "com.other")).isEqualTo(Level.ERROR.value());
		assertThat(filter.threshold(Kind.LOG, "org")).isEqualTo(Level.FATAL.value());
	}

	@Test
	void twoEquallySpecificNamespacePatternsThatOverlapAreRefused() {
		FilterSettings settings = FilterSettings.DEFAULTS
			.withLevels(Map.of("com.*Service", Level.INFO, "com.*db*", Level.WARN));
		assertThatIllegalArgumentException().isThrownBy(() -> SignalFilter.of(settings))
			.withMessageContaining("'com.*Service'")
			.withMessageContaining("'com.*db*'")
			.withMessageContaining("remove one, or make one more specific");
	}

	@Test
	void twoEquallySpecificNamespacePatternsThatNoNameMatchesAreFine() {
		SignalFilter filter = SignalFilter
			.of(FilterSettings.DEFAULTS.withLevels(Map.of("*.Web", Level.INFO, "*.Db", Level.WARN)));
		assertThat(filter.threshold(Kind.LOG, "a.Db")).isEqualTo(Level.WARN.value());
	}

	@Test
	void disallowBeatsAllow() {
		SignalFilter filter = SignalFilter
			.of(FilterSettings.DEFAULTS.withNs(new NameSelector(List.of("a.*"), List.of("a.b*")))
				.withKindAllow(EnumSet.of(Kind.LOG, Kind.EVENT))
				.withKindDisallow(EnumSet.of(Kind.EVENT)));
		assertThat(filter.threshold(Kind.LOG, "a.c")).isEqualTo(Level.TRACE.value());
		assertThat(filter.threshold(Kind.LOG, "a.b")).isEqualTo(Integer.MAX_VALUE);
		assertThat(filter.threshold(Kind.LOG, "c")).isEqualTo(Integer.MAX_VALUE);
		assertThat(filter.threshold(Kind.EVENT, "a.c")).isEqualTo(Integer.MAX_VALUE);
		assertThat(filter.threshold(Kind.SPY, "a.c")).isEqualTo(Integer.MAX_VALUE);
		assertThat(filter.allows(Level.of(Integer.MAX_VALUE), Kind.SPY, "a.c", null)).isFalse();
	}

	@Test
	void aSignalWithoutIdPassesOnlyAnAllowListThatIsEmptyOrHasAStar() {
		assertThat(idFilter(List.of("app/*"), List.of()).allowsId(null)).isFalse();
		assertThat(idFilter(List.of("app/*", "*"), List.of()).allowsId(null)).isTrue();
		assertThat(idFilter(List.of(), List.of("app/*")).allowsId(null)).isTrue();
		assertThat(idFilter(List.of(), List.of("*")).allowsId(null)).isFalse();
	}

	@Test
	void idsAreCheckedOnlyWhereASelectorMightRefuseOne() {
		assertThat(idFilter(List.of("x", "*"), List.of()).checksIds()).isFalse();
		assertThat(idFilter(List.of("x"), List.of()).checksIds()).isTrue();
		assertThat(idFilter(List.of("*"), List.of("x")).checksIds()).isTrue();
	}

	@Test
	void anIdPatternMayBeWrittenWithAColon() {
		assertThat(idFilter(List.of(":app/*"), List.of()).allowsId("app/login")).isTrue();
	}

	@Test
	void theFirstStepThatRefusesIsNamedWithItsRule() {
		SignalFilter filter = SignalFilter.of(FilterSettings.DEFAULTS.withMinLevel(Level.DEBUG)
			.withKindLevels(Map.of(Kind.METRIC, Level.INFO))
			.withLevels(Map.of("a.*", Level.WARN))
			.withKindDisallow(EnumSet.of(Kind.SPY))
			.withNs(new NameSelector(List.of("a.*", "b"), List.of("a.x*")))
			.withId(new NameSelector(List.of("app/*"), List.of("app/noise"))));
		assertThat(filter.explain(Level.INFO, Kind.SPY, "no", null))
			.isEqualTo(new Refusal(Refusal.Step.KIND, "kind 'spy' is disallowed"));
		assertThat(filter.explain(Level.INFO, Kind.LOG, "a.xy", null))
			.isEqualTo(new Refusal(Refusal.Step.NS, "ns 'a.xy' is disallowed by pattern 'a.x*'"));
		assertThat(filter.explain(Level.INFO, Kind.LOG, "c", null))
			.isEqualTo(new Refusal(Refusal.Step.NS, "ns 'c' matches none of the allowed patterns 'a.*', 'b'"));
		assertThat(filter.explain(Level.INFO, Kind.LOG, "a.c", null))
			.isEqualTo(new Refusal(Refusal.Step.LEVEL, "level info is below warn, the minimum for ns pattern 'a.*'"));
		assertThat(filter.explain(Level.DEBUG, Kind.METRIC, "b", null))
			.isEqualTo(new Refusal(Refusal.Step.LEVEL, "level debug is below info, the minimum for kind 'metric'"));
		assertThat(filter.explain(Level.of(15), Kind.LOG, "b", null))
			.isEqualTo(new Refusal(Refusal.Step.LEVEL, "level 15 is below debug, the minimum"));
		assertThat(filter.explain(Level.INFO, Kind.LOG, "b", "app/noise"))
			.isEqualTo(new Refusal(Refusal.Step.ID, "id 'app/noise' is disallowed by pattern 'app/noise'"));
		assertThat(filter.explain(Level.INFO, Kind.LOG, "b", null)).isEqualTo(
				new Refusal(Refusal.Step.ID, "a signal without id matches none of the allowed patterns 'app/*'"));
		assertThat(filter.explain(Level.INFO, Kind.LOG, "b", "app/login")).isNull();
	}

	@Test
	void withoutAPredicateEveryDecisionIsYes() {
		SignalFilter filter = SignalFilter.of(FilterSettings.DEFAULTS);
		assertThat(filter.settings().when()).isSameAs(SignalPredicate.ALWAYS);
		assertThat(filter.decide(Level.of(-1), Kind.LOG, "a", null)).isEqualTo(Decision.YES);
		assertThat(filter.test(Signal.builder(Level.of(-1), Kind.LOG, "a").build())).isTrue();
	}

	@Test
	void predicateIsAskedApartFromTheRest() {
		SignalFilter filter = SignalFilter.of(FilterSettings.DEFAULTS.withMinLevel(Level.WARN)
			.withWhen(SignalPredicate.parse("ns = 'a' or data.x > 1"))
			.withKindDisallow(Set.of(Kind.SPY)));
		assertThat(filter.settings().withMinLevel(Level.INFO).when()).isEqualTo(filter.settings().when());
		assertThat(filter.allows(Level.WARN, Kind.LOG, "b", null)).isTrue();
		assertThat(filter.decide(Level.DEBUG, Kind.SPY, "a", null)).isEqualTo(Decision.YES);
		assertThat(filter.decide(Level.WARN, Kind.LOG, "b", null)).isEqualTo(Decision.UNKNOWN);
		assertThat(filter.test(Signal.builder(Level.WARN, Kind.LOG, "b").data(Map.of("x", 2)).build())).isTrue();
		assertThat(filter.test(Signal.builder(Level.WARN, Kind.LOG, "b").data(Map.of("x", 1)).build())).isFalse();
	}

	@Test
	void explainNamesThePredicateOnlyWhereItIsSureToRefuse() {
		SignalFilter filter = SignalFilter
			.of(FilterSettings.DEFAULTS.withWhen(SignalPredicate.parse("level>=warn and data.x=1"))
				.withMinLevel(Level.DEBUG));
		assertThat(filter.explain(Level.TRACE, Kind.LOG, "a", null)).extracting(Refusal::step)
			.isEqualTo(Refusal.Step.LEVEL);
		assertThat(filter.explain(Level.INFO, Kind.LOG, "a", null))
			.isEqualTo(new Refusal(Refusal.Step.WHEN, "such a signal is not one where level >= warn and data.x = 1"));
		assertThat(filter.explain(Level.WARN, Kind.LOG, "a", null)).isNull();
	}

	@Test
	void stepsAreWrittenAsPropertiesAre() {
		assertThat(Refusal.Step.values()).extracting(Refusal.Step::toString)
			.containsExactly("disabled", "kind", "ns", "min-level", "id", "when", "sampled");
	}

	@Test
	void allThatAFilterAnswersAgreesForRandomSettings() {
		Random random = new Random(7);
		List<String> names = List.of("a", "a.b", "a.b.c", "b", "b.a", "");
		List<String> patterns = List.of("*", "a", "a.*", "a(.*)", "a.b*", "*b", "b(.*)");
		for (int i = 0; i < 5_000; i++) {
			SignalFilter filter = SignalFilter.of(FilterSettings.DEFAULTS.withMinLevel(Level.of(random.nextInt(100)))
				.withLevels(random.nextBoolean() ? Map.of()
						: Map.of(patterns.get(random.nextInt(patterns.size())), Level.of(random.nextInt(100))))
				.withNs(selector(random, patterns))
				.withId(selector(random, patterns))
				.withKindAllow(random.nextBoolean() ? Set.of() : Set.of(Kind.LOG, Kind.EVENT)));
			Level level = Level.of(random.nextInt(100));
			Kind kind = Kind.values()[random.nextInt(Kind.values().length)];
			String ns = names.get(random.nextInt(names.size()));
			String id = random.nextInt(4) == 0 ? null : names.get(random.nextInt(names.size()));
			boolean allows = filter.allows(level, kind, ns, id);
			assertThat(level.value() >= filter.threshold(kind, ns) && filter.allowsId(id)).isEqualTo(allows);
			assertThat(filter.explain(level, kind, ns, id) == null).isEqualTo(allows);
			if (!filter.checksIds()) {
				assertThat(filter.allowsId(id)).isTrue();
			}
		}
	}

	@Test
	void askingAllocatesNothing() {
		ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
		assumeThat(threads.isThreadAllocatedMemorySupported() && threads.isThreadAllocatedMemoryEnabled()).isTrue();
		SignalFilter filter = SignalFilter
			.of(FilterSettings.DEFAULTS.withLevels(Map.of("a.*b*c(.*)", Level.WARN, "b(.*)", Level.INFO))
				.withNs(new NameSelector(List.of("*a*", "b(.*)"), List.of("*x*y*")))
				.withId(new NameSelector(List.of("app/*", "*z"), List.of("app/noise*")))
				.withWhen(SignalPredicate.parse("level >= info and (kind in (log, event) or ns = 'b(.*)') "
						+ "and id not in ('x', 'y*') and not (data.x = 1 or level < trace)")));
		ask(filter, 1_000);
		long before = threads.getCurrentThreadAllocatedBytes();
		int few = ask(filter, 100_000);
		long allocated = threads.getCurrentThreadAllocatedBytes() - before;
		assertThat(few).isPositive();
		// Room for what the measurement itself takes, far below a byte each time.
		assertThat(allocated).isLessThan(10_000);
	}

	private static int ask(SignalFilter filter, int times) {
		int passed = 0;
		for (int i = 0; i < times; i++) {
			passed += filter.allows(Level.WARN, Kind.LOG, "a.xbzc.d", "app/login") ? 1 : 0;
			passed += filter.allows(Level.WARN, Kind.LOG, "b", null) ? 1 : 0;
			passed += filter.allowsId("app/noise/1") ? 1 : 0;
			passed += (filter.decide(Level.WARN, Kind.LOG, "a.b", "app/login") == Decision.NO) ? 1 : 0;
			passed += (filter.threshold(Kind.EVENT, "b.c") < 0) ? 1 : 0;
		}
		return passed;
	}

	private static NameSelector selector(Random random, List<String> patterns) {
		NameSelector selector = NameSelector.ALL;
		if (random.nextBoolean()) {
			selector = selector.withAllow(List.of(patterns.get(random.nextInt(patterns.size()))));
		}
		if (random.nextInt(3) == 0) {
			selector = selector.withDisallow(List.of(patterns.get(random.nextInt(patterns.size()))));
		}
		return selector;
	}

	private static SignalFilter idFilter(List<String> allow, List<String> disallow) {
		return SignalFilter.of(FilterSettings.DEFAULTS.withId(new NameSelector(allow, disallow)));
	}

}
