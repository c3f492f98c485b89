package io.telemetry.annotation;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * A method whose calls are timed, as {@code Telemetry.withTiming} does it: each is a
 * signal, and where there is Micrometer a timer takes it. A method that returns a
 * {@link java.util.concurrent.CompletionStage}, {@code Mono} or {@code Flux} ends when
 * that does. On a type it stands for all its public methods; a method's own annotation
 * counts before the type's. It is found on superclasses and interfaces, too.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target({ ElementType.METHOD, ElementType.TYPE })
public @interface Measured {

	/**
	 * What is timed. On a method the meter's name, such as {@code shop.checkout}; where
	 * it is left out, the names of class and method in kebab case: {@code placeOrder} of
	 * {@code CheckoutService} is {@code checkout-service.place-order}. On a type what
	 * comes before the dot.
	 * @return a name, or nothing for one made from the names
	 */
	String value() default "";

}
