package io.telemetry.boot.annotation;

import java.lang.reflect.Method;
import java.util.List;
import java.util.function.Supplier;

import io.telemetry.annotation.Measured;
import io.telemetry.annotation.Traced;
import io.telemetry.pipeline.SignalPipeline;
import org.jspecify.annotations.Nullable;

import org.springframework.aop.framework.autoproxy.AbstractBeanFactoryAwareAdvisingPostProcessor;
import org.springframework.aop.support.DefaultPointcutAdvisor;
import org.springframework.aop.support.StaticMethodMatcherPointcut;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.AnnotationUtils;

/**
 * Has the annotations {@link Traced} and {@link Measured} on methods of beans heeded, by
 * proxies. Its advice lies inside that of {@code @Async}, so that the work is told of and
 * not that it was handed on, and outside that of {@code @Transactional}, so that the
 * commit is part of it. A bean whose annotations make no sense fails with an
 * {@link IllegalArgumentException} when it is made.
 */
public final class AnnotatedMethodPostProcessor extends AbstractBeanFactoryAwareAdvisingPostProcessor {

	private static final long serialVersionUID = 1L;

	private final transient AnnotatedMethodInterceptor interceptor;

	/**
	 * A post-processor.
	 * @param source finds the pipeline, asked when methods are called until it gives one;
	 * without one they are just called
	 */
	public AnnotatedMethodPostProcessor(Supplier<@Nullable SignalPipeline> source) {
		this.interceptor = new AnnotatedMethodInterceptor(source);
		this.advisor = new DefaultPointcutAdvisor(new AnnotatedMethods(this.interceptor), this.interceptor);
		setBeforeExistingAdvisors(true);
		// Just before the post-processor of @Async, which has the last place and puts its
		// advice in front of what is there.
		setOrder(Ordered.LOWEST_PRECEDENCE - 1);
	}

	/**
	 * Whether a class has annotated methods.
	 * @throws IllegalArgumentException if an annotation makes no sense
	 */
	@Override
	protected boolean isEligible(Class<?> targetClass) {
		boolean eligible = super.isEligible(targetClass);
		if (eligible) {
			this.interceptor.check(targetClass);
		}
		return eligible;
	}

	/**
	 * The methods with annotations.
	 */
	private static final class AnnotatedMethods extends StaticMethodMatcherPointcut {

		private final AnnotatedMethodInterceptor interceptor;

		AnnotatedMethods(AnnotatedMethodInterceptor interceptor) {
			this.interceptor = interceptor;
			setClassFilter((type) -> AnnotationUtils.isCandidateClass(type, List.of(Traced.class, Measured.class)));
		}

		@Override
		public boolean matches(Method method, Class<?> targetClass) {
			return this.interceptor.operation(method, targetClass) != null;
		}

	}

}
