package io.telemetry.sample;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;

import io.telemetry.signal.Signal;
import io.telemetry.transform.SignalTransform;

import org.springframework.stereotype.Component;

/**
 * Leaves of each e-mail address in a signal's data only where it goes to. A bean of this
 * type applies to every signal, those from the browser included.
 */
@Component
class EmailMask implements SignalTransform {

	private static final Pattern ADDRESS = Pattern.compile("[\\w.+-]+@([\\w-]+\\.[\\w.-]+)");

	@Override
	public Signal transform(Signal signal) {
		Map<String, Object> masked = new LinkedHashMap<>();
		signal.data().forEach((name, value) -> {
			if (value instanceof String text && text.indexOf('@') >= 0) {
				masked.put(name, ADDRESS.matcher(text).replaceAll("***@$1"));
			}
		});
		return masked.isEmpty() ? signal : signal.toBuilder().addData(masked).build();
	}

}
