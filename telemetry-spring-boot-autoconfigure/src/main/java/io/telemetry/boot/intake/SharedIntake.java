package io.telemetry.boot.intake;

import java.util.ArrayDeque;
import java.util.Deque;

import org.jspecify.annotations.Nullable;

/**
 * One intake of a process for any number of applications in it: log and standard output
 * are the process's, and what is said there once is to be one signal. It begins with the
 * first application and ends with the last; meanwhile the settings of the one that came
 * last count. Safe for several threads.
 *
 * @param <S> what an application wants, told apart by identity
 */
abstract class SharedIntake<S> {

	private final Deque<S> open = new ArrayDeque<>();

	/**
	 * Takes in for one more application.
	 */
	final synchronized void open(S settings) {
		this.open.addLast(settings);
		use(settings);
		if (this.open.size() == 1) {
			start();
		}
	}

	/**
	 * Takes in for one application less. Does nothing for one that is closed already.
	 */
	final synchronized void close(S settings) {
		if (!this.open.removeIf((other) -> other == settings)) {
			return;
		}
		S last = this.open.peekLast();
		if (last == null) {
			stop();
		}
		use(last);
	}

	/**
	 * Goes on with other settings, {@code null} where there are none any more.
	 */
	abstract void use(@Nullable S settings);

	abstract void start();

	abstract void stop();

}
