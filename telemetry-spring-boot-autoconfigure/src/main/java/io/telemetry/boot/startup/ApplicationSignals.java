package io.telemetry.boot.startup;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import io.telemetry.Telemetry;
import io.telemetry.signal.Kind;
import io.telemetry.signal.Level;
import io.telemetry.signal.ServiceIdentity;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.DisposableBean;
import org.springframework.boot.SpringBootVersion;
import org.springframework.boot.context.event.ApplicationFailedEvent;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ApplicationEvent;
import org.springframework.context.ApplicationListener;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.context.event.ContextRefreshedEvent;
import org.springframework.core.env.Environment;

/**
 * Tells that an application is ready ({@code app/started}), stops ({@code app/stopping})
 * or failed to start ({@code app/failed}).
 * <p>
 * A context that fails while it is made destroys its beans before anybody is told why. So
 * that failure is told when this is destroyed, without a cause; one that happens later,
 * in a runner, has its cause.
 */
public final class ApplicationSignals implements ApplicationListener<ApplicationEvent>, DisposableBean {

	private final Telemetry telemetry;

	private final ApplicationContext context;

	private volatile boolean refreshed;

	/**
	 * What tells of an application.
	 * @param telemetry speaks for the application
	 * @param context the application's context; events of its children tell of others
	 */
	public ApplicationSignals(Telemetry telemetry, ApplicationContext context) {
		this.telemetry = telemetry;
		this.context = context;
	}

	@Override
	public void onApplicationEvent(ApplicationEvent event) {
		if (event instanceof ContextRefreshedEvent refresh && refresh.getApplicationContext() == this.context) {
			this.refreshed = true;
		}
		else if (event instanceof ApplicationReadyEvent ready && ready.getApplicationContext() == this.context) {
			started(ready.getTimeTaken());
		}
		else if (event instanceof ApplicationFailedEvent failure && failure.getApplicationContext() == this.context) {
			failed(failure.getException());
		}
		else if (event instanceof ContextClosedEvent closing && closing.getApplicationContext() == this.context) {
			this.telemetry.signal(Level.INFO, Kind.SYSTEM).id("app/stopping").message("Application stops").emit();
		}
	}

	@Override
	public void destroy() {
		if (!this.refreshed) {
			failed(null);
		}
	}

	private void started(@Nullable Duration timeTaken) {
		this.telemetry.signal(Level.INFO, Kind.SYSTEM)
			.id("app/started")
			.message((timeTaken != null) ? "Application started in " + timeTaken.toMillis() + " ms"
					: "Application started")
			.data(() -> describe(timeTaken))
			.emit();
	}

	private void failed(@Nullable Throwable cause) {
		this.telemetry.signal(Level.ERROR, Kind.SYSTEM)
			.id("app/failed")
			.message("Application failed to start")
			.error(cause)
			.emit();
	}

	private Map<String, Object> describe(@Nullable Duration timeTaken) {
		Environment environment = this.context.getEnvironment();
		ServiceIdentity service = this.telemetry.pipeline().service();
		Map<String, @Nullable Object> data = new LinkedHashMap<>();
		data.put("application", service.name());
		data.put("version", service.version());
		data.put("java", Map.of("version", property("java.version"), "vendor", property("java.vendor")));
		data.put("springBoot", SpringBootVersion.getVersion());
		data.put("os",
				Map.of("name", property("os.name"), "version", property("os.version"), "arch", property("os.arch")));
		data.put("pid", ProcessHandle.current().pid());
		// Whatever web server there is, it is known without its classes.
		data.put("port", environment.getProperty("local.server.port", Integer.class));
		data.put("activeProfiles", List.of(environment.getActiveProfiles()));
		data.put("startupMs", (timeTaken != null) ? timeTaken.toMillis() : null);
		Map<String, Object> present = new LinkedHashMap<>();
		data.forEach((key, value) -> {
			if (value != null) {
				present.put(key, value);
			}
		});
		return present;
	}

	private static String property(String name) {
		return System.getProperty(name, "unknown");
	}

}
