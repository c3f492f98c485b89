package io.telemetry.boot.annotation;

import java.lang.reflect.Method;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

import io.telemetry.Telemetry;
import io.telemetry.pipeline.SignalPipeline;
import org.aopalliance.intercept.MethodInterceptor;
import org.aopalliance.intercept.MethodInvocation;
import org.jspecify.annotations.Nullable;

import org.springframework.aop.support.AopUtils;
import org.springframework.core.MethodClassKey;
import org.springframework.util.ReflectionUtils;

/**
 * Tells of the calls of annotated methods.
 */
final class AnnotatedMethodInterceptor implements MethodInterceptor {

	private final Supplier<@Nullable SignalPipeline> source;

	/** As many as beans have annotated methods. */
	private final Map<MethodClassKey, AnnotatedOperation> operations = new ConcurrentHashMap<>();

	/** By namespace. */
	private final Map<String, Telemetry> facades = new ConcurrentHashMap<>();

	AnnotatedMethodInterceptor(Supplier<@Nullable SignalPipeline> source) {
		this.source = source;
	}

	/**
	 * What is told of a method.
	 * @return what its annotations ask for, or {@code null} if there are none
	 * @throws IllegalArgumentException if one makes no sense
	 */
	@SuppressWarnings("NullAway") // does not know that a function may compute nothing
	@Nullable AnnotatedOperation operation(Method method, Class<?> targetClass) {
		return this.operations.computeIfAbsent(new MethodClassKey(method, targetClass),
				(key) -> AnnotatedOperation.find(method, targetClass));
	}

	/**
	 * Reads all the annotations of a class.
	 * @throws IllegalArgumentException if one makes no sense
	 */
	void check(Class<?> targetClass) {
		ReflectionUtils.doWithMethods(targetClass, (method) -> operation(method, targetClass));
	}

	@Override
	@SuppressWarnings("NullAway") // knows no nullable type arguments yet
	public @Nullable Object invoke(MethodInvocation invocation) throws Throwable {
		Method method = invocation.getMethod();
		Object target = invocation.getThis();
		AnnotatedOperation operation = operation(method,
				(target != null) ? AopUtils.getTargetClass(target) : method.getDeclaringClass());
		Telemetry telemetry = (operation != null) ? telemetry(operation.namespace()) : null;
		if (operation == null || telemetry == null) {
			return invocation.proceed();
		}
		return operation.call(telemetry, () -> proceed(invocation));
	}

	/**
	 * The facade of a namespace.
	 * @return the facade, or {@code null} while there is no pipeline
	 */
	private @Nullable Telemetry telemetry(String namespace) {
		Telemetry known = this.facades.get(namespace);
		if (known == null) {
			SignalPipeline pipeline = this.source.get();
			if (pipeline != null) {
				known = new Telemetry(pipeline, namespace);
				this.facades.put(namespace, known);
			}
		}
		return known;
	}

	private static @Nullable Object proceed(MethodInvocation invocation) {
		try {
			return invocation.proceed();
		}
		catch (Throwable ex) {
			throw AnnotatedMethodInterceptor.<RuntimeException>unchanged(ex);
		}
	}

	/** Whatever the method throws, its caller gets. */
	@SuppressWarnings("unchecked")
	private static <X extends Throwable> X unchanged(Throwable ex) throws X {
		throw (X) ex;
	}

}
