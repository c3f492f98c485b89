package io.telemetry.boot.channel;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

import io.telemetry.boot.channel.caller.Application;
import io.telemetry.boot.channel.caller.Applications;
import io.telemetry.boot.channel.caller.CallerRequest;
import org.jspecify.annotations.Nullable;

import org.springframework.http.HttpHeaders;
import org.springframework.web.cors.CorsConfiguration;
import org.springframework.web.util.UriComponents;
import org.springframework.web.util.UriComponentsBuilder;

/**
 * Which pages may use an address of the channel beside the application's own: those of
 * the front end whose key the request gives, or those of the channel where it gives none.
 * Safe for several threads.
 */
public final class PageOrigins {

	private static final String SEC_FETCH_SITE = "Sec-Fetch-Site";

	private static final CorsConfiguration NONE = new CorsConfiguration();

	private final Applications applications;

	private final Map<String, CorsConfiguration> byApplication = new HashMap<>();

	/**
	 * Pages of the given origins.
	 * @param patterns patterns of origins for requests without a key
	 * @param applications front ends, with patterns of their own
	 * @param methods methods that pages may use
	 */
	public PageOrigins(List<String> patterns, Applications applications, List<String> methods) {
		this.applications = applications;
		this.byApplication.put(Application.DEFAULT.name(), configuration(patterns, methods));
		for (Application application : applications.all()) {
			this.byApplication.put(application.name(), configuration(application.allowedOriginPatterns(), methods));
		}
	}

	private static CorsConfiguration configuration(List<String> patterns, List<String> methods) {
		CorsConfiguration configuration = new CorsConfiguration();
		configuration.setAllowedOriginPatterns(patterns);
		configuration.setAllowedMethods(methods);
		// What a header means is decided when it comes; the page may send any with its
		// batches
		configuration.setAllowedHeaders(List.of(CorsConfiguration.ALL));
		configuration.setMaxAge(3600L);
		return configuration;
	}

	/**
	 * What preflight requests are told.
	 * @param request the preflight request
	 * @return the configuration; not to be changed
	 */
	public CorsConfiguration cors(CallerRequest request) {
		Application application = this.applications.withKey(request.queryParameter(Applications.PARAMETER));
		return (application != null) ? this.byApplication.getOrDefault(application.name(), NONE) : NONE;
	}

	/**
	 * Whether a request gives a key of a front end, or none.
	 * @param request the request
	 * @return whether it may be answered at all
	 */
	public boolean isKeyKnown(CallerRequest request) {
		return this.applications.withKey(request.queryParameter(Applications.PARAMETER)) != null;
	}

	/**
	 * The origin of a request where it is one of those allowed beside the application's
	 * own.
	 * @param request the request
	 * @return what the page's browser is to be told, or {@code null}
	 */
	public @Nullable String allowed(CallerRequest request) {
		return cors(request).checkOrigin(request.header(HttpHeaders.ORIGIN));
	}

	/**
	 * Whether a browser says that the page is not the application's own. Who sends
	 * neither header is no browser, or an old one on the same origin.
	 * @param call the request
	 * @return whether the page is of another origin, allowed or not
	 */
	public static boolean isForeign(HttpCall call) {
		String site = call.header(SEC_FETCH_SITE);
		if (site != null && !site.equals("same-origin") && !site.equals("none")) {
			return true;
		}
		String origin = call.header(HttpHeaders.ORIGIN);
		return origin != null && !isOwn(call, origin);
	}

	private static boolean isOwn(HttpCall call, String origin) {
		UriComponents parts;
		try {
			parts = UriComponentsBuilder.fromUriString(origin).build();
		}
		catch (RuntimeException ex) {
			// No address
			return false;
		}
		return call.scheme().equalsIgnoreCase(parts.getScheme()) && call.host() != null
				&& call.host().equalsIgnoreCase(parts.getHost())
				&& port(call.scheme(), call.port()) == port(call.scheme(), parts.getPort());
	}

	private static int port(String scheme, int port) {
		if (port > 0) {
			return port;
		}
		return "https".equalsIgnoreCase(scheme) ? 443 : 80;
	}

}
