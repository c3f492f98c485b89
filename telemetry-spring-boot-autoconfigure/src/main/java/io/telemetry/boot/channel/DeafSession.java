package io.telemetry.boot.channel;

import jakarta.websocket.Session;
import org.apache.tomcat.websocket.WsSession;

import org.springframework.util.ClassUtils;

/**
 * Stops reading from clients that go on sending when their connection is closed. Tomcat
 * reads, on one of its threads and without an end, for as long as such a client neither
 * stops nor closes; once it does not read, it closes the socket in time. Other containers
 * are left to themselves.
 */
final class DeafSession {

	private static final boolean TOMCAT = ClassUtils.isPresent("org.apache.tomcat.websocket.WsSession",
			DeafSession.class.getClassLoader());

	private DeafSession() {
	}

	/**
	 * Reads nothing more from a client.
	 * @param session the container's session, which is closed
	 */
	static void make(Session session) {
		if (TOMCAT) {
			Tomcat.suspend(session);
		}
	}

	/**
	 * Not loaded where there is no Tomcat.
	 */
	private static final class Tomcat {

		static void suspend(Session session) {
			if (session instanceof WsSession tomcat) {
				tomcat.suspend();
			}
		}

	}

}
