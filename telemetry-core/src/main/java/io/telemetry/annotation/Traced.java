package io.telemetry.annotation;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * A method each of whose calls is a span, as {@code Telemetry.trace} makes one: how long
 * it took and what it threw is told, signals made meanwhile belong to it, and so do spans
 * inside it. A method that returns a {@link java.util.concurrent.CompletionStage},
 * {@code Mono} or {@code Flux} ends when that does. On a type it stands for all its
 * public methods; a method's own annotation counts before the type's. It is found on
 * superclasses and interfaces, too.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target({ ElementType.METHOD, ElementType.TYPE })
public @interface Traced {

	/**
	 * What is done. On a method the signal's id, such as {@code shop/checkout}; where it
	 * is left out, the names of class and method in kebab case: {@code placeOrder} of
	 * {@code CheckoutService} is {@code checkout-service/place-order}. On a type what
	 * comes before the slash.
	 * @return an id, or nothing for one made from the names
	 */
	String value() default "";

	/**
	 * How important the signals are.
	 * @return a level's name, in any case, or number
	 */
	String level() default "info";

	/**
	 * Whether what the method returned is part of the signal. Off unless asked for: what
	 * services return is often more than should be told.
	 * @return {@code true} to tell the result
	 */
	boolean withResult() default false;

}
