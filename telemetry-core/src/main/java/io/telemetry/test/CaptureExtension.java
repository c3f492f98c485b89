package io.telemetry.test;

import java.util.Objects;

import io.telemetry.Capture;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Captures what each test makes, from its {@code BeforeEach} methods on, and gives it to
 * a parameter of the type {@link Capture}. Tests that run at the same time don't see each
 * other's signals. A test class asks for it by
 * {@code ExtendWith(CaptureExtension.class)}; {@link SignalAssertions} has assertions for
 * what was captured.
 */
public final class CaptureExtension implements BeforeEachCallback, AfterEachCallback, ParameterResolver {

	private static final Namespace NAMESPACE = Namespace.create(CaptureExtension.class);

	/**
	 * For JUnit.
	 */
	public CaptureExtension() {
	}

	@Override
	public void beforeEach(ExtensionContext context) {
		context.getStore(NAMESPACE).put(Capture.class, Capture.open());
	}

	@Override
	public void afterEach(ExtensionContext context) {
		Capture capture = context.getStore(NAMESPACE).remove(Capture.class, Capture.class);
		if (capture != null) {
			capture.close();
		}
	}

	@Override
	public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
		return parameter.getParameter().getType() == Capture.class && context.getTestMethod().isPresent();
	}

	@Override
	public Capture resolveParameter(ParameterContext parameter, ExtensionContext context) {
		return Objects.requireNonNull(context.getStore(NAMESPACE).get(Capture.class, Capture.class),
				"A capture is there for test methods and @BeforeEach and @AfterEach methods");
	}

}
