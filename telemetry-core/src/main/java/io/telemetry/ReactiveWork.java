package io.telemetry;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

import io.telemetry.context.SignalContext;
import io.telemetry.context.SignalContextThreadLocalAccessor;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.SignalType;
import reactor.util.context.Context;

/**
 * Work that returns a Reactor publisher: nothing happens before somebody subscribes, so a
 * run ends with its subscription. Where Reactor is absent there is no such work.
 */
final class ReactiveWork {

	private static final boolean PRESENT = isPresent();

	private ReactiveWork() {
	}

	private static boolean isPresent() {
		try {
			Class.forName("reactor.core.publisher.Flux", false, ReactiveWork.class.getClassLoader());
			return true;
		}
		catch (ClassNotFoundException | LinkageError ex) {
			return false;
		}
	}

	/**
	 * Whether a result is a {@code Mono} or a {@code Flux}.
	 */
	static boolean isReactive(Object result) {
		return PRESENT && Reactor.isReactive(result);
	}

	/**
	 * A publisher that does what the given one does and ends a run with each
	 * subscription.
	 * @param result the publisher
	 * @param first the run that has begun: the first subscription's
	 * @param further makes the runs of further subscriptions
	 */
	static Object follow(Object result, FollowedWork first, Supplier<FollowedWork> further) {
		return Reactor.follow(result, first, further);
	}

	/** Loaded only where Reactor is present. */
	private static final class Reactor {

		private Reactor() {
		}

		static boolean isReactive(Object result) {
			return result instanceof Mono || result instanceof Flux;
		}

		static Object follow(Object result, FollowedWork first, Supplier<FollowedWork> further) {
			AtomicBoolean taken = new AtomicBoolean();
			if (result instanceof Mono<?> mono) {
				return Mono.defer(() -> observe(mono, run(taken, first, further)));
			}
			return Flux.defer(() -> observe((Flux<?>) result, run(taken, first, further)));
		}

		private static @Nullable FollowedWork run(AtomicBoolean taken, FollowedWork first,
				Supplier<FollowedWork> further) {
			if (taken.compareAndSet(false, true)) {
				return first;
			}
			FollowedWork next = further.get();
			if (!next.begin()) {
				return null;
			}
			next.leave();
			return next;
		}

		private static <T> Mono<T> observe(Mono<T> mono, @Nullable FollowedWork run) {
			if (run == null) {
				return mono;
			}
			AtomicReference<@Nullable Object> result = new AtomicReference<>();
			return mono.doOnNext(result::set)
				.doOnError((failure) -> run.end(null, failure))
				.doFinally((type) -> end(run, type, result.get()))
				.contextWrite((context) -> write(context, run));
		}

		private static <T> Flux<T> observe(Flux<T> flux, @Nullable FollowedWork run) {
			if (run == null) {
				return flux;
			}
			AtomicLong elements = new AtomicLong();
			return flux.doOnNext((element) -> elements.incrementAndGet())
				.doOnError((failure) -> run.end(null, failure))
				.doFinally((type) -> {
					run.attribute("elements", elements.get());
					end(run, type, null);
				})
				.contextWrite((context) -> write(context, run));
		}

		private static void end(FollowedWork run, SignalType type, @Nullable Object result) {
			if (type == SignalType.CANCEL) {
				run.attribute("cancelled", true);
			}
			run.end(result, null);
		}

		/** Under the key of the accessor, so that it becomes the threads' own. */
		private static Context write(Context context, FollowedWork run) {
			SignalContext own = run.context();
			return (own != null) ? context.put(SignalContextThreadLocalAccessor.KEY, own) : context;
		}

	}

}
