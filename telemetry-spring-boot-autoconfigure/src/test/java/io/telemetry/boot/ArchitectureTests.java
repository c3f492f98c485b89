package io.telemetry.boot;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Which package may use which, in the core and here. A new package needs a line in the
 * table.
 */
class ArchitectureTests {

	private static final String ROOT = "io.telemetry";

	private static final String AUTOCONFIGURE = ROOT + ".boot.autoconfigure";

	private static final Set<String> DECISIONS = Set.of("signal", "filter", "sampling", "limit", "transform",
			"context");

	private static final Set<String> HANDLER = with(DECISIONS, "encode");

	private static final Set<String> DISPATCH = with(HANDLER, "handler", "stats");

	private static final Set<String> CORE = with(DISPATCH, "dispatch", "metric", "pipeline", "");

	/** What a package may use, besides itself; names without the root. */
	private static final Map<String, Set<String>> ALLOWED = Map.ofEntries(Map.entry("signal", Set.of()),
			Map.entry("stats", Set.of()), Map.entry("journal", Set.of()), Map.entry("filter", Set.of("signal")),
			Map.entry("sampling", Set.of("signal")), Map.entry("limit", Set.of("signal")),
			Map.entry("transform", Set.of("signal")), Map.entry("context", Set.of("signal")),
			Map.entry("encode", Set.of("signal")), Map.entry("handler", HANDLER),
			Map.entry("handler.console", with(HANDLER, "handler")),
			Map.entry("handler.file", with(HANDLER, "handler", "journal")),
			Map.entry("handler.socket", with(HANDLER, "handler")), Map.entry("dispatch", DISPATCH),
			Map.entry("metric", Set.of("signal")), Map.entry("annotation", Set.of()),
			Map.entry("pipeline", with(DISPATCH, "dispatch", "metric")), Map.entry("", CORE),
			Map.entry("test", Set.of("", "signal")), Map.entry("boot", Set.of("pipeline", "signal")),
			Map.entry("boot.recent", DISPATCH), Map.entry("boot.handler.slf4j", DISPATCH),
			Map.entry("boot.actuate",
					with(CORE, "boot", "boot.browser", "boot.channel", "boot.channel.control", "boot.recent")),
			Map.entry("boot.context", Set.of("boot", "context")),
			Map.entry("boot.metrics",
					Set.of("boot", "boot.channel", "boot.channel.caller", "boot.channel.durable", "boot.channel.limit",
							"metric", "signal")),
			Map.entry("boot.tracing", Set.of("context")),
			Map.entry("boot.annotation", Set.of("", "annotation", "pipeline", "signal")),
			Map.entry("boot.startup", Set.of("", "pipeline", "signal")),
			Map.entry("boot.intake", Set.of("", "boot.handler.slf4j", "context", "signal")),
			Map.entry("boot.channel",
					Set.of("", "boot", "boot.channel.caller", "boot.channel.durable", "boot.channel.limit", "signal",
							"limit", "journal")),
			Map.entry("boot.channel.durable", Set.of("boot", "journal", "signal")),
			Map.entry("boot.channel.limit", Set.of("boot", "limit", "signal")),
			Map.entry("boot.channel.caller", Set.of("boot", "limit", "signal")),
			Map.entry("boot.channel.control",
					Set.of("", "boot", "boot.browser", "boot.channel", "boot.channel.caller", "signal")),
			Map.entry("boot.channel.security", Set.of("boot", "boot.channel.caller")),
			Map.entry("boot.browser", Set.of("", "boot", "boot.channel", "boot.channel.caller")));

	private static JavaClasses classes;

	private static Set<String> with(Set<String> packages, String... more) {
		Set<String> all = new TreeSet<>(packages);
		all.addAll(List.of(more));
		return Set.copyOf(all);
	}

	@BeforeAll
	static void read() {
		classes = new ClassFileImporter().withImportOption(new ImportOption.DoNotIncludeTests()).importPackages(ROOT);
	}

	private static String shortName(JavaClass type) {
		String name = type.getPackageName();
		return name.equals(ROOT) ? "" : name.substring(ROOT.length() + 1);
	}

	@Test
	void bothModulesAreRead() {
		assertThat(classes.stream().map(ArchitectureTests::shortName)).contains("", "pipeline", "handler.file", "boot",
				"boot.autoconfigure");
	}

	@Test
	void packagesUseOnlyWhatTheTableAllows() {
		Set<String> violations = new TreeSet<>();
		for (JavaClass type : classes) {
			if (type.getPackageName().startsWith(AUTOCONFIGURE)) {
				continue;
			}
			Set<String> allowed = ALLOWED.get(shortName(type));
			if (allowed == null) {
				violations.add("the table has no line for " + type.getPackageName());
				continue;
			}
			for (Dependency dependency : type.getDirectDependenciesFromSelf()) {
				JavaClass target = dependency.getTargetClass().getBaseComponentType();
				if (isOurs(target) && !target.getPackageName().equals(type.getPackageName())
						&& !allowed.contains(shortName(target))) {
					violations.add(dependency.getDescription());
				}
			}
		}
		assertThat(violations).isEmpty();
	}

	private static boolean isOurs(JavaClass type) {
		return type.getPackageName().equals(ROOT) || type.getPackageName().startsWith(ROOT + ".");
	}

	@Test
	void nothingUsesAutoConfiguration() {
		assertThat(ALLOWED.values())
			.allSatisfy((allowed) -> assertThat(allowed).noneMatch((name) -> name.startsWith("boot.autoconfigure")));
	}

	@Test
	void packagesHaveNoCycles() {
		SlicesRuleDefinition.slices().assignedFrom(new SliceAssignment() {

			@Override
			public SliceIdentifier getIdentifierOf(JavaClass type) {
				return isOurs(type) ? SliceIdentifier.of(type.getPackageName()) : SliceIdentifier.ignore();
			}

			@Override
			public String getDescription() {
				return "packages";
			}

		}).should().beFreeOfCycles().check(classes);
	}

	@Test
	void autoConfigurationsAreFinalAndNamedInTheImportsFile() throws Exception {
		String imports;
		try (var file = getClass()
			.getResourceAsStream("/META-INF/spring/org.springframework.boot.autoconfigure.AutoConfiguration.imports")) {
			imports = new String(file.readAllBytes(), StandardCharsets.UTF_8);
		}
		List<JavaClass> configurations = classes.stream()
			.filter((type) -> type.isAnnotatedWith("org.springframework.boot.autoconfigure.AutoConfiguration"))
			.toList();
		assertThat(imports.lines().filter((line) -> !line.isBlank()))
			.containsExactlyInAnyOrderElementsOf(configurations.stream().map(JavaClass::getName).toList());
		assertThat(configurations).allSatisfy((type) -> assertThat(type.getModifiers()).contains(JavaModifier.FINAL));
	}

}
