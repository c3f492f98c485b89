package io.telemetry.boot.autoconfigure.channel;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;

import io.telemetry.boot.InvalidTelemetryConfigurationException;
import io.telemetry.boot.channel.durable.DurableSettings;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * Properties of what the channel's acknowledgements promise.
 *
 * @param ack What an acknowledgement promises. "received": the batch is in memory.
 * "durable": it is on the disk, and is handed to the handlers again after a crash.
 * @param durable what is kept on the disk until it is delivered
 */
@ConfigurationProperties(ChannelProperties.PREFIX)
public record ChannelDurableProperties(@DefaultValue("received") Ack ack, @DefaultValue Durable durable) {

	/** The property that chooses. */
	static final String ACK = ChannelProperties.PREFIX + ".ack";

	private static final String DIRECTORY = ChannelProperties.PREFIX + ".durable.directory";

	DurableSettings toSettings() {
		String directory = this.durable.directory();
		if (directory == null || directory.isBlank()) {
			throw new InvalidTelemetryConfigurationException(DIRECTORY, directory,
					"with " + ACK + "=durable there has to be a directory",
					"Name one that outlives the application, is its own and no other instance's, such as "
							+ "/var/lib/shop/telemetry, or set " + ACK + " to received");
		}
		Path path;
		try {
			path = Path.of(directory);
		}
		catch (InvalidPathException ex) {
			throw new InvalidTelemetryConfigurationException(DIRECTORY, directory, "it is no path: " + ex.getReason(),
					"Name a directory");
		}
		return ChannelProperties
			.checked(() -> new DurableSettings(path, this.durable.maxSize().toBytes(), this.durable.maxDelay()));
	}

	/**
	 * What an acknowledgement promises.
	 */
	public enum Ack {

		/** The batch is in memory. */
		RECEIVED,

		/** The batch is on the disk. */
		DURABLE

	}

	/**
	 * What is kept on the disk until it is delivered.
	 *
	 * @param directory Directory of the files. Has to outlive the application, and to
	 * belong to one instance alone. Required with ack=durable.
	 * @param maxSize Size of the batches that wait to be delivered. Where it is reached
	 * batches are refused as overloaded. At least 4MB.
	 * @param maxDelay Time that a batch waits at most for others to be forced onto the
	 * disk with it. Zero for none, at most 1s.
	 */
	public record Durable(@Nullable String directory, @DefaultValue("256MB") DataSize maxSize,
			@DefaultValue("10ms") Duration maxDelay) {
	}

}
