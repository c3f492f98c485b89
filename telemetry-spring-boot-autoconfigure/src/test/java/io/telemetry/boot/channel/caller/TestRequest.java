package io.telemetry.boot.channel.caller;

import java.security.Principal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * A request as a road would describe it.
 */
final class TestRequest implements CallerRequest {

	private @Nullable Principal principal;

	private @Nullable String remoteAddress = "192.0.2.1";

	private final Map<String, List<String>> headers = new HashMap<>();

	private final Map<String, String> query = new HashMap<>();

	TestRequest principal(String name) {
		this.principal = () -> name;
		return this;
	}

	TestRequest from(@Nullable String remoteAddress) {
		this.remoteAddress = remoteAddress;
		return this;
	}

	TestRequest header(String name, String... values) {
		this.headers.computeIfAbsent(name.toLowerCase(Locale.ROOT), (key) -> new ArrayList<>()).addAll(List.of(values));
		return this;
	}

	TestRequest query(String name, String value) {
		this.query.put(name, value);
		return this;
	}

	@Override
	public @Nullable Principal principal() {
		return this.principal;
	}

	@Override
	public @Nullable String remoteAddress() {
		return this.remoteAddress;
	}

	@Override
	public List<String> headers(String name) {
		return this.headers.getOrDefault(name.toLowerCase(Locale.ROOT), List.of());
	}

	@Override
	public @Nullable String query() {
		return null;
	}

	@Override
	public @Nullable String queryParameter(String name) {
		return this.query.get(name);
	}

}
