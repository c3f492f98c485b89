package io.telemetry.boot.autoconfigure;

import java.lang.reflect.Member;
import java.lang.reflect.Method;

import io.telemetry.Telemetry;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.BeansException;
import org.springframework.beans.factory.InjectionPoint;
import org.springframework.beans.factory.config.AutowireCapableBeanFactory;
import org.springframework.beans.factory.config.DependencyDescriptor;
import org.springframework.context.annotation.Bean;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.util.ClassUtils;

/**
 * The place that a bean is being made for.
 * <p>
 * Spring hands an {@link InjectionPoint} to a bean method that has such a parameter, and
 * fails when there is none to hand over: no {@code @Nullable} and no provider helps,
 * because the parameter is looked at before the container is asked. A {@link Telemetry}
 * may well be asked for by {@code getBean}. So the parameter stands on this record, which
 * Spring is asked to make for each telemetry bean, and a failure means that there is no
 * place. It is no bean, which would fail for whoever asks for all beans.
 *
 * @param injectionPoint the place
 */
record TelemetryInjectionPoint(InjectionPoint injectionPoint) {

	/**
	 * The class that a telemetry bean that is being made will be injected into.
	 * @param beanFactory the factory that makes it
	 * @return the class as its author wrote it, or {@code null} where it is not for a
	 * class
	 */
	static @Nullable Class<?> currentClass(AutowireCapableBeanFactory beanFactory) {
		InjectionPoint point;
		try {
			// Not through a provider: that would be the place that is found.
			point = ((TelemetryInjectionPoint) beanFactory.autowire(TelemetryInjectionPoint.class,
					AutowireCapableBeanFactory.AUTOWIRE_CONSTRUCTOR, false))
				.injectionPoint();
		}
		catch (BeansException | IllegalStateException ex) {
			return null;
		}
		// Of another type, it is the place of an outer bean which called getBean while it
		// was made.
		if (!(point instanceof DependencyDescriptor descriptor) || descriptor.getDependencyType() != Telemetry.class) {
			return null;
		}
		Member member = point.getMember();
		// The configuration class that a bean method stands in does not speak itself.
		if (member instanceof Method method && AnnotatedElementUtils.hasAnnotation(method, Bean.class)) {
			return null;
		}
		return ClassUtils.getUserClass(member.getDeclaringClass());
	}

}
