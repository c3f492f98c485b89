package io.telemetry;

import java.util.Map;
import java.util.function.Supplier;

import io.telemetry.handler.HandlerFault;
import io.telemetry.pipeline.SignalPipeline;
import org.jspecify.annotations.Nullable;

/**
 * What suppliers give. One that throws costs its part only, and says so in its place.
 */
final class Supplied {

	private Supplied() {
	}

	static @Nullable String message(SignalPipeline pipeline, @Nullable String message,
			@Nullable Supplier<String> supplier) {
		return (supplier != null) ? message(pipeline, supplier) : message;
	}

	static String message(SignalPipeline pipeline, Supplier<String> supplier) {
		try {
			return supplier.get();
		}
		catch (RuntimeException | LinkageError | AssertionError | StackOverflowError ex) {
			report(pipeline, ex);
			return "(the message's supplier threw " + ex.getClass().getName() + ")";
		}
	}

	static Map<String, ?> data(SignalPipeline pipeline, Supplier<? extends Map<String, ?>> supplier) {
		try {
			Map<String, ?> data = supplier.get();
			return (data != null) ? data : Map.of();
		}
		catch (RuntimeException | LinkageError | AssertionError | StackOverflowError ex) {
			report(pipeline, ex);
			return Map.of("dataError", ex.getClass().getName());
		}
	}

	private static void report(SignalPipeline pipeline, Throwable ex) {
		pipeline.report(new HandlerFault(null, HandlerFault.Type.SUPPLIER, 1, null, ex));
	}

}
