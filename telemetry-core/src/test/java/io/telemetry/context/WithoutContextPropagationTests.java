package io.telemetry.context;

import java.lang.ref.WeakReference;
import java.net.URL;
import java.net.URLClassLoader;
import java.time.Duration;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * The classes of the core alone, as in an application without Micrometer's
 * context-propagation.
 */
class WithoutContextPropagationTests {

	private static URLClassLoader coreAlone() {
		URL classes = SignalContext.class.getProtectionDomain().getCodeSource().getLocation();
		return new URLClassLoader(new URL[] { classes }, ClassLoader.getPlatformClassLoader());
	}

	/** Opens a scope, reads what is current and closes, by reflection. */
	private static Object openAndClose(ClassLoader loader) throws Exception {
		Class<?> type = loader.loadClass(SignalContext.class.getName());
		Object context = type.getMethod("with", String.class, Object.class)
			.invoke(type.getField("EMPTY").get(null), "a", 1);
		Object[] seen = new Object[1];
		((Runnable) type.getMethod("wrap", Runnable.class).invoke(context, (Runnable) () -> {
			try {
				seen[0] = type.getMethod("current").invoke(null);
			}
			catch (ReflectiveOperationException ex) {
				throw new IllegalStateException(ex);
			}
		})).run();
		AutoCloseable scope = (AutoCloseable) type.getMethod("open").invoke(context);
		scope.close();
		return (seen[0] == context) ? "current" : seen[0];
	}

	@Test
	void contextWorksAndOnlyTheAccessorCannotBeLoaded() throws Exception {
		try (URLClassLoader loader = coreAlone()) {
			assertThat(openAndClose(loader)).isEqualTo("current");
			assertThatExceptionOfType(NoClassDefFoundError.class)
				.isThrownBy(() -> loader.loadClass(SignalContextThreadLocalAccessor.class.getName()))
				.withMessageContaining("ThreadLocalAccessor");
		}
	}

	@Test
	void threadThatUsedItKeepsNoClassLoaderAlive() throws Exception {
		WeakReference<ClassLoader> loader = usedByThisThread();
		Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> {
			System.gc();
			return loader.get() == null;
		});
	}

	private static WeakReference<ClassLoader> usedByThisThread() throws Exception {
		try (URLClassLoader loader = coreAlone()) {
			assertThat(openAndClose(loader)).isEqualTo("current");
			return new WeakReference<>(loader);
		}
	}

}
