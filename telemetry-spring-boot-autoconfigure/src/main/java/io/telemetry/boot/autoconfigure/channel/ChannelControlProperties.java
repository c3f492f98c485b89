package io.telemetry.boot.autoconfigure.channel;

import java.time.Duration;

import io.telemetry.boot.channel.control.ControlSettings;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * Properties of what the server says to browsers.
 *
 * @param control live settings
 * @param diagnostics what clients are asked
 */
@ConfigurationProperties(ChannelProperties.PREFIX)
public record ChannelControlProperties(@DefaultValue Control control, @DefaultValue Diagnostics diagnostics) {

	ControlSettings toSettings() {
		return ChannelProperties.checked(() -> new ControlSettings(this.control.maxOverrides(),
				this.diagnostics.timeout(), this.diagnostics.maxPending(),
				(int) Math.min(Integer.MAX_VALUE, this.diagnostics.maxSize().toBytes())));
	}

	/**
	 * Live settings.
	 *
	 * @param maxOverrides Number of live changes of clients' settings that may be in
	 * force at once. More are refused.
	 */
	public record Control(@DefaultValue("1000") int maxOverrides) {
	}

	/**
	 * What clients are asked.
	 *
	 * @param timeout Time that clients have to answer a request for diagnostics, 1s to
	 * 10m. Who has not answered by then is told of by a warning.
	 * @param maxPending Number of requests for diagnostics that may wait for answers at
	 * once. More are refused.
	 * @param maxSize Size of an answer. A larger one is counted and left.
	 */
	public record Diagnostics(@DefaultValue("30s") Duration timeout, @DefaultValue("100") int maxPending,
			@DefaultValue("64KB") DataSize maxSize) {
	}

}
