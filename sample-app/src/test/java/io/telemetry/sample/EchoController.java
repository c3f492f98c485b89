package io.telemetry.sample;

import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

import org.springframework.http.CacheControl;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * Tells test pages what the server saw of their requests.
 */
@RestController
@RequestMapping("/test/echo")
class EchoController {

	@RequestMapping("/{status}/**")
	ResponseEntity<Map<String, Object>> echo(@PathVariable int status, @RequestHeader HttpHeaders headers,
			@RequestBody(required = false) String body) {
		Map<String, String> seen = new HashMap<>();
		headers.toSingleValueMap().forEach((name, value) -> seen.put(name.toLowerCase(Locale.ROOT), value));
		CacheControl cacheControl = headers.containsHeader("X-Keep") ? CacheControl.maxAge(Duration.ofHours(1))
				: CacheControl.noStore();
		return ResponseEntity.status(status)
			.cacheControl(cacheControl)
			.body(Map.of("headers", seen, "body", (body != null) ? body : ""));
	}

}
