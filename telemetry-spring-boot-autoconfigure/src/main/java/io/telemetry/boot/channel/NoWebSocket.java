package io.telemetry.boot.channel;

/**
 * Answers at the WebSocket's address where there is none, so that whoever looks for it
 * learns why. Safe for several threads.
 */
public final class NoWebSocket implements HttpResource {

	private final HttpAnswer answer;

	/**
	 * An answer for the channel at the given path.
	 * @param path the channel's path
	 */
	public NoWebSocket(String path) {
		this.answer = HttpAnswer.problem(501, "There is no WebSocket here",
				"WebSockets need a servlet container, Spring MVC and Spring's WebSocket and messaging modules. POST "
						+ path + "/batch takes the same batches.");
	}

	@Override
	public HttpReply begin(HttpCall call) {
		return this.answer;
	}

}
