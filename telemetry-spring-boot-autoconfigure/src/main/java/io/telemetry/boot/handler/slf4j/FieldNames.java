package io.telemetry.boot.handler.slf4j;

import java.util.HashSet;
import java.util.Set;

import org.jspecify.annotations.Nullable;

/**
 * Names of one line's fields that are each there once. Structured layouts refuse a line
 * in which a name comes twice, be it as key-value pair, in the MDC or as a member of
 * their own, and they take a dot for nesting; the line is lost then. Not safe for several
 * threads.
 */
final class FieldNames {

	/**
	 * Members of Spring Boot's formats (Elastic Common Schema, Logstash, Graylog), which
	 * begin with an underscore in the last.
	 */
	private static final Set<String> MEMBERS = Set.of("@timestamp", "@version", "ecs", "error_message",
			"error_stack_trace", "error_type", "full_message", "host", "level", "level_name", "level_value", "log",
			"log_logger", "logger_name", "message", "process", "process_pid", "process_thread_name", "service",
			"service_environment", "service_version", "short_message", "stack_trace", "tags", "thread_name",
			"timestamp", "version");

	private final Set<String> names = new HashSet<>();

	/** What stands before a dot in one of the names. */
	private final Set<String> groups = new HashSet<>();

	/**
	 * Takes a name that is in the line whatever happens.
	 */
	void take(String name) {
		this.names.add(name);
		for (int dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1)) {
			this.groups.add(name.substring(0, dot));
		}
	}

	/**
	 * Takes a name, or another one for it.
	 * @param name the name that is wanted
	 * @param group what it goes into where it is taken already
	 * @return the name that was taken, or {@code null} if there is none left
	 */
	@Nullable String take(String name, String group) {
		String free = isFree(name) ? name : group + "." + name;
		if (!isFree(free)) {
			free = free.replace('.', '_');
		}
		if (!isFree(free)) {
			return null;
		}
		take(free);
		return free;
	}

	boolean isFree(String name) {
		if (isTaken(name) || this.groups.contains(name)) {
			return false;
		}
		for (int dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1)) {
			if (isTaken(name.substring(0, dot))) {
				return false;
			}
		}
		return true;
	}

	private boolean isTaken(String name) {
		return this.names.contains(name) || MEMBERS.contains(name.startsWith("_") ? name.substring(1) : name);
	}

}
