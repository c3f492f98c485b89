package io.telemetry.boot.autoconfigure.handler;

import java.util.HashMap;
import java.util.Map;

import io.telemetry.boot.autoconfigure.handler.HandlerPropertySource.HandlerProperties;
import io.telemetry.boot.autoconfigure.handler.TelemetryHandlersProperties.Syslog;
import io.telemetry.encode.SharedSignalEncoder;
import io.telemetry.encode.SyslogSignalEncoder;
import io.telemetry.encode.SyslogSignalEncoder.Options;

/**
 * The one format that has settings, each handler its own. Handlers that agree on them
 * share an encoder.
 */
final class SyslogFormat {

	/** The format, and the group of properties that has its settings. */
	static final String NAME = "syslog";

	private final Map<Options, SharedSignalEncoder> encoders = new HashMap<>();

	/**
	 * The encoder for a handler.
	 * @param properties the handler's properties
	 */
	SharedSignalEncoder encoder(HandlerProperties properties) {
		Syslog syslog = properties.group(NAME, Syslog.class);
		Options named = PropertyCheck.check(properties.property("syslog.enterprise-id"), syslog.getEnterpriseId(),
				"Use the number that IANA has given to your organisation",
				() -> Options.DEFAULTS.withFacility(syslog.getFacility())
					.withAppName(syslog.getAppName())
					.withEnterpriseId(syslog.getEnterpriseId()));
		Options options = PropertyCheck.check(properties.property("syslog.max-size"), syslog.getMaxSize(),
				"Use a size such as 2KB or 8KB",
				() -> named.withMaxSize((int) Math.min(Integer.MAX_VALUE, syslog.getMaxSize().toBytes())));
		return this.encoders.computeIfAbsent(options, (key) -> new SharedSignalEncoder(new SyslogSignalEncoder(key)));
	}

}
