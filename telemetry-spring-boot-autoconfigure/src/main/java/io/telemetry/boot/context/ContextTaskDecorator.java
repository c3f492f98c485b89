package io.telemetry.boot.context;

import io.telemetry.context.SignalContext;

import org.springframework.core.task.TaskDecorator;

/**
 * Lets tasks of Spring's executors run in the context of whoever handed them in. Safe for
 * several threads.
 */
public final class ContextTaskDecorator implements TaskDecorator {

	@Override
	public Runnable decorate(Runnable task) {
		return SignalContext.current().wrap(task);
	}

}
