package io.telemetry;

import java.util.Map;
import java.util.function.Supplier;

import io.telemetry.handler.HandlerFault;
import io.telemetry.pipeline.Admission;
import org.jspecify.annotations.Nullable;

/**
 * What suppliers give. One that throws costs its part only, and says so in its place; but
 * after an error of the virtual machine the admission is given up and the caller is told.
 */
final class Supplied {

	private Supplied() {
	}

	static @Nullable String message(Admission admission, @Nullable String message,
			@Nullable Supplier<String> supplier) {
		return (supplier != null) ? message(admission, supplier) : message;
	}

	static String message(Admission admission, Supplier<String> supplier) {
		try {
			return supplier.get();
		}
		catch (Throwable ex) {
			contain(admission, ex);
			return "(the message's supplier threw " + ex.getClass().getName() + ")";
		}
	}

	static Map<String, ?> data(Admission admission, Supplier<? extends Map<String, ?>> supplier) {
		try {
			Map<String, ?> data = supplier.get();
			return (data != null) ? data : Map.of();
		}
		catch (Throwable ex) {
			contain(admission, ex);
			return Map.of("dataError", ex.getClass().getName());
		}
	}

	private static void contain(Admission admission, Throwable ex) {
		if (ex instanceof VirtualMachineError && !(ex instanceof StackOverflowError)) {
			admission.fail(ex);
		}
		admission.pipeline().report(new HandlerFault(null, HandlerFault.Type.SUPPLIER, 1, null, ex));
	}

}
