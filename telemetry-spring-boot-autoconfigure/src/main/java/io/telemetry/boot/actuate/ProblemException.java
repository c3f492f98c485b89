package io.telemetry.boot.actuate;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.util.MimeType;

/**
 * A request that can't be answered. Becomes a response as RFC 9457 describes it.
 */
final class ProblemException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	private static final MimeType PROBLEM_JSON = MimeType.valueOf("application/problem+json");

	private final int status;

	private final String title;

	private final transient Map<String, Object> members;

	private ProblemException(int status, String title, String detail, Map<String, Object> members) {
		super(detail, null, false, false);
		this.status = status;
		this.title = title;
		this.members = members;
	}

	/**
	 * A parameter with a value that is not allowed.
	 * @param parameter its name
	 * @param value its value
	 * @param allowed what is allowed, in words
	 */
	static ProblemException badValue(String parameter, @Nullable String value, String allowed) {
		Map<String, Object> members = new LinkedHashMap<>();
		members.put("parameter", parameter);
		if (value != null) {
			members.put("value", value);
		}
		members.put("allowed", allowed);
		return badRequest("'" + parameter + "' can't be " + ((value != null) ? "'" + value + "'" : "left out")
				+ ": allowed is " + allowed, members);
	}

	/**
	 * Parameters that the operation does not have.
	 * @param unknown their names
	 * @param allowed the names that it has
	 */
	static ProblemException unknownParameters(Collection<String> unknown, Collection<String> allowed) {
		Map<String, Object> members = new LinkedHashMap<>();
		members.put("unknown", List.copyOf(unknown));
		members.put("allowed", List.copyOf(allowed));
		return badRequest("There is no '" + String.join("', '", unknown) + "' here: allowed is "
				+ (allowed.isEmpty() ? "nothing" : String.join(", ", allowed)), members);
	}

	/**
	 * Values that are fine one by one and not together.
	 * @param detail what is wrong
	 */
	static ProblemException contradiction(@Nullable String detail) {
		return badRequest(String.valueOf(detail), Map.of());
	}

	private static ProblemException badRequest(String detail, Map<String, Object> members) {
		return new ProblemException(400, "Bad Request", detail, members);
	}

	/**
	 * Something that would be too much. Status 409.
	 * @param detail how much is allowed
	 */
	static ProblemException limitReached(@Nullable String detail) {
		return new ProblemException(409, "Conflict", String.valueOf(detail), Map.of());
	}

	/**
	 * A name that nothing has.
	 * @param what what is sought
	 * @param name its name
	 * @param known the names that there are
	 */
	static ProblemException notFound(String what, String name, Collection<String> known) {
		Map<String, Object> members = new LinkedHashMap<>();
		members.put("value", name);
		members.put("allowed", List.copyOf(known));
		return new ProblemException(404, "Not Found", "There is no " + what + " '" + name + "'", members);
	}

	WebEndpointResponse<Map<String, Object>> toResponse() {
		Map<String, Object> body = new LinkedHashMap<>();
		body.put("type", "about:blank");
		body.put("title", this.title);
		body.put("status", this.status);
		body.put("detail", String.valueOf(getMessage()));
		body.putAll(this.members);
		return new WebEndpointResponse<>(body, this.status, PROBLEM_JSON);
	}

}
