package io.telemetry.boot.channel.fault;

import java.nio.file.Path;

/**
 * What servers promise by an acknowledgement.
 */
enum Acknowledgement {

	/** Handed to the pipeline. */
	RECEIVED {

		@Override
		String[] properties(Path directory) {
			return new String[0];
		}

	},

	/** On disk. */
	DURABLE {

		@Override
		String[] properties(Path directory) {
			return new String[] { "telemetry.channel.ack=durable",
					"telemetry.channel.durable.directory=" + directory.resolve("journal"),
					"telemetry.handlers.file.durable=true" };
		}

	};

	/**
	 * The properties of a server that promises it.
	 * @param directory the server's
	 */
	abstract String[] properties(Path directory);

	/**
	 * Starts a server that promises it.
	 */
	ChildServer start(Path directory, String... properties) throws Exception {
		return begin(directory, properties).awaitStarted();
	}

	ChildServer begin(Path directory, String... properties) throws Exception {
		String[] own = properties(directory);
		String[] all = java.util.Arrays.copyOf(own, own.length + properties.length);
		System.arraycopy(properties, 0, all, own.length, properties.length);
		return ChildServer.begin(directory, all);
	}

}
