package io.telemetry.boot.annotation;

import java.lang.annotation.Annotation;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.util.Locale;

import io.telemetry.Telemetry;
import io.telemetry.Work;
import io.telemetry.annotation.Measured;
import io.telemetry.annotation.Traced;
import io.telemetry.signal.Kind;
import io.telemetry.signal.Level;
import org.jspecify.annotations.Nullable;

import org.springframework.aop.support.AopUtils;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.util.ClassUtils;
import org.springframework.util.ReflectionUtils;

/**
 * What is told of the calls of one method.
 *
 * @param namespace who speaks: the class, or the interface of a proxy or lambda
 * @param trace what is told of it as a span, or {@code null} for nothing
 * @param timer the name of the meter that takes its time, or {@code null} for none
 */
record AnnotatedOperation(String namespace, @Nullable Trace trace, @Nullable String timer) {

	/**
	 * Reads the annotations of a method, of the methods that it overrides or implements,
	 * and of its class.
	 * @return what they ask for, or {@code null} if there are none
	 * @throws IllegalArgumentException if a level is none, or a method can't be called
	 * through a proxy
	 */
	static @Nullable AnnotatedOperation find(Method method, Class<?> targetClass) {
		if (method.isSynthetic() || ReflectionUtils.isObjectMethod(method)) {
			return null;
		}
		Class<?> type = ClassUtils.getUserClass(targetClass);
		Method specific = AopUtils.getMostSpecificMethod(method, type);
		Found<Traced> traced = Found.of(Traced.class, method, specific, type);
		Found<Measured> measured = Found.of(Measured.class, method, specific, type);
		if (traced == null && measured == null) {
			return null;
		}
		Class<?> speaker = isNamed(type) ? type : method.getDeclaringClass();
		if ((specific.getModifiers() & (Modifier.PRIVATE | Modifier.STATIC)) != 0) {
			throw new IllegalArgumentException(
					"@" + ((traced != null) ? "Traced" : "Measured") + " can't be heeded on method " + speaker.getName()
							+ "." + specific.getName() + ": a proxy sees neither private nor static methods");
		}
		Trace trace = (traced != null) ? Trace.of(traced, specific, speaker) : null;
		String timer = (measured != null) ? measured.name(measured.annotation().value(), ".", specific, speaker) : null;
		return new AnnotatedOperation(speaker.getName(), trace, timer);
	}

	/**
	 * What proxies and lambdas are called says nothing, and differs from start to start.
	 */
	private static boolean isNamed(Class<?> type) {
		return !Proxy.isProxyClass(type) && !type.isHidden() && !type.isAnonymousClass();
	}

	/**
	 * Does the work and tells of it.
	 */
	@Nullable Object call(Telemetry telemetry, Work<@Nullable Object, RuntimeException> work) {
		String timer = this.timer;
		Work<@Nullable Object, RuntimeException> timed = (timer != null) ? () -> telemetry.withTiming(timer, work)
				: work;
		if (this.trace == null) {
			return timed.call();
		}
		return telemetry.signal(this.trace.level(), Kind.TRACE)
			.id(this.trace.id())
			.withResult(this.trace.withResult())
			.observe(timed);
	}

	/**
	 * A method as a span.
	 */
	record Trace(String id, Level level, boolean withResult) {

		static Trace of(Found<Traced> traced, Method method, Class<?> type) {
			Traced annotation = traced.annotation();
			try {
				return new Trace(traced.name(annotation.value(), "/", method, type), Level.parse(annotation.level()),
						annotation.withResult());
			}
			catch (IllegalArgumentException ex) {
				throw new IllegalArgumentException("The level of @Traced on "
						+ (traced.onMethod() ? "method " + type.getName() + "." + method.getName() : type)
						+ " is wrong: " + ex.getMessage(), ex);
			}
		}

	}

	/**
	 * An annotation, and whether it is the method's own.
	 */
	private record Found<A extends Annotation>(A annotation, boolean onMethod) {

		static <A extends Annotation> @Nullable Found<A> of(Class<A> annotationType, Method method, Method specific,
				Class<?> type) {
			A annotation = AnnotatedElementUtils.findMergedAnnotation(specific, annotationType);
			if (annotation == null && method != specific) {
				annotation = AnnotatedElementUtils.findMergedAnnotation(method, annotationType);
			}
			if (annotation != null) {
				return new Found<>(annotation, true);
			}
			annotation = (specific.getModifiers() & (Modifier.PUBLIC | Modifier.STATIC)) == Modifier.PUBLIC
					? AnnotatedElementUtils.findMergedAnnotation(type, annotationType) : null;
			return (annotation != null) ? new Found<>(annotation, false) : null;
		}

		String name(String value, String separator, Method method, Class<?> type) {
			if (this.onMethod && !value.isBlank()) {
				return value;
			}
			return (value.isBlank() ? kebab(type.getSimpleName()) : value) + separator + kebab(method.getName());
		}

		private static String kebab(String name) {
			return name.replaceAll("([a-z0-9])([A-Z])", "$1-$2")
				.replaceAll("([A-Z]+)([A-Z][a-z])", "$1-$2")
				.toLowerCase(Locale.ROOT);
		}

	}

}
