package io.telemetry.sample;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Playwright;
import org.junit.jupiter.api.Assumptions;

/**
 * A real Chromium: an installed one where there is one, else Playwright's own download.
 * Where there is neither, a test is skipped visibly, or fails when
 * {@code -Dtelemetry.test.required=all} asks for it.
 */
final class Chromium implements AutoCloseable {

	private static final List<String> INSTALLED = List.of("/usr/bin/chromium", "/usr/bin/chromium-browser",
			"/usr/bin/google-chrome", "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
			"C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe");

	private final Playwright playwright;

	private final Browser browser;

	private Chromium(Playwright playwright, Browser browser) {
		this.playwright = playwright;
		this.browser = browser;
	}

	static Chromium launch() {
		return launch(List.of());
	}

	/**
	 * One that is started without some of the arguments that Playwright gives.
	 */
	static Chromium launch(List<String> withoutArguments) {
		Optional<Path> installed = INSTALLED.stream().map(Path::of).filter(Files::isExecutable).findFirst();
		try {
			Playwright playwright = Playwright.create(new Playwright.CreateOptions()
				.setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", installed.isPresent() ? "1" : "0")));
			BrowserType.LaunchOptions options = new BrowserType.LaunchOptions().setIgnoreDefaultArgs(withoutArguments);
			installed.ifPresent(options::setExecutablePath);
			return new Chromium(playwright, playwright.chromium().launch(options));
		}
		catch (RuntimeException ex) {
			// No PlaywrightException where the download of the driver or browser fails.
			if ("all".equals(System.getProperty("telemetry.test.required"))) {
				throw new IllegalStateException("A Chromium is required and could not be started", ex);
			}
			return Assumptions.abort("No Chromium could be started: " + ex.getMessage());
		}
	}

	/**
	 * A browser with a profile on disk, as a visitor has one.
	 */
	static Profile open(Path profile) {
		Chromium found = launch();
		found.browser.close();
		BrowserType.LaunchPersistentContextOptions options = new BrowserType.LaunchPersistentContextOptions();
		INSTALLED.stream().map(Path::of).filter(Files::isExecutable).findFirst().ifPresent(options::setExecutablePath);
		return new Profile(found.playwright, found.playwright.chromium().launchPersistentContext(profile, options),
				profile);
	}

	record Profile(Playwright playwright, BrowserContext context, Path path) implements AutoCloseable {

		/**
		 * Ends its processes, without a chance to write anything more.
		 */
		void kill() {
			ProcessHandle.current()
				.descendants()
				.filter((process) -> process.info().commandLine().orElse("").contains(this.path.toString()))
				.forEach(ProcessHandle::destroyForcibly);
		}

		@Override
		public void close() {
			this.playwright.close();
		}

	}

	Browser browser() {
		return this.browser;
	}

	@Override
	public void close() {
		this.browser.close();
		this.playwright.close();
	}

}
