package io.telemetry.context;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

import io.telemetry.signal.Fields;
import io.telemetry.signal.Signal;
import org.jspecify.annotations.Nullable;

/**
 * What is ambient on a thread, and part of every signal made there: fields, the span, and
 * a witness. Immutable, and so safe for several threads; {@link #open()} makes it current
 * on the calling thread. <pre>{@code
 * try (Scope scope = SignalContext.current().with("order", id).open()) {
 *     // signals made here, and in what this calls, have the field
 * }
 * }</pre> It does not get to other threads of itself: {@link #wrap(Runnable) wrap} a task
 * or, with {@link ContextExecutors}, an executor. Where Micrometer's context-propagation
 * is on the class path it takes this context along too, so that it flows with Reactor.
 * <p>
 * {@link #current()} reads one thread-local and allocates nothing, save for the first
 * call on a thread, which makes that thread's entry. When the outermost scope of a thread
 * has closed the entry stays and holds nothing: removing it would have the next read make
 * it again, and an empty one keeps neither a context nor a class loader alive.
 */
public final class SignalContext {

	/** Nothing is ambient. */
	public static final SignalContext EMPTY = new SignalContext(Map.of(), null, null, null);

	/**
	 * How many fields a context can have. Further ones are dropped and counted; those it
	 * has can still be replaced.
	 */
	public static final int MAX_FIELDS = 128;

	/**
	 * How many scopes a thread can have open. A further one changes nothing and is
	 * counted, so that code which forgets to close its scopes does not fill the memory.
	 */
	public static final int MAX_SCOPES = 1000;

	private static final ThreadLocal<@Nullable OpenScope> INNERMOST = new ThreadLocal<>();

	private static final Scope NO_SCOPE = () -> {
	};

	private static final LongAdder fieldsDropped = new LongAdder();

	private static final LongAdder scopesDropped = new LongAdder();

	private static final LongAdder mirrorErrors = new LongAdder();

	private static volatile @Nullable ContextMirror mirror;

	private final Map<String, Object> fields;

	private final @Nullable Span span;

	private final @Nullable BiConsumer<String, @Nullable Object> attributes;

	private final @Nullable Consumer<Signal> witness;

	private SignalContext(Map<String, Object> fields, @Nullable Span span,
			@Nullable BiConsumer<String, @Nullable Object> attributes, @Nullable Consumer<Signal> witness) {
		this.fields = fields;
		this.span = span;
		this.attributes = attributes;
		this.witness = witness;
	}

	/**
	 * What is ambient on the calling thread.
	 * @return the context of the innermost open scope, or {@link #EMPTY}
	 */
	public static SignalContext current() {
		return contextOf(INNERMOST.get());
	}

	/**
	 * What contexts could not do.
	 * @return counters for the whole process
	 */
	public static ContextStats stats() {
		return new ContextStats(fieldsDropped.sum(), scopesDropped.sum(), mirrorErrors.sum());
	}

	/**
	 * Installs who is told of changes. There is one mirror for the whole process, as
	 * contexts are the threads' and not an application's; it replaces another. Scopes
	 * that are open already are not told of until they change.
	 * @param mirror who is told, or {@code null} for nobody
	 */
	public static void mirror(@Nullable ContextMirror mirror) {
		SignalContext.mirror = mirror;
	}

	/**
	 * Who is told of changes.
	 * @return the mirror, or {@code null}
	 */
	public static @Nullable ContextMirror mirror() {
		return mirror;
	}

	/**
	 * The ambient fields.
	 * @return an immutable map in the order in which they were first added
	 */
	public Map<String, Object> fields() {
		return this.fields;
	}

	/**
	 * The work that goes on.
	 * @return the span, or {@code null} if there is none
	 */
	public @Nullable Span span() {
		return this.span;
	}

	/**
	 * What takes the attributes of the work that goes on: a name and a value.
	 * @return the attributes, or {@code null} if no work takes any
	 */
	public @Nullable BiConsumer<String, @Nullable Object> attributes() {
		return this.attributes;
	}

	/**
	 * Who sees the signals that are made here, besides the handlers.
	 * @return the witness, or {@code null} if there is none
	 */
	public @Nullable Consumer<Signal> witness() {
		return this.witness;
	}

	/**
	 * This context with a field more.
	 * @param name the field's name
	 * @param value its value, which replaces one that is there; {@code null} takes the
	 * field away
	 * @return another context
	 */
	public SignalContext with(String name, @Nullable Object value) {
		Objects.requireNonNull(name, "name");
		LinkedHashMap<String, Object> merged = new LinkedHashMap<>(this.fields);
		put(merged, name, value);
		return withFields(merged);
	}

	/**
	 * This context with more fields.
	 * @param fields what is added; what is there by the same name is replaced, and taken
	 * away where the value is {@code null}
	 * @return another context, or this one where the map is empty
	 */
	public SignalContext with(Map<String, ? extends @Nullable Object> fields) {
		if (fields.isEmpty()) {
			return this;
		}
		LinkedHashMap<String, Object> merged = new LinkedHashMap<>(this.fields);
		fields.forEach((name, value) -> put(merged, Objects.requireNonNull(name, "name"), value));
		return withFields(merged);
	}

	private static void put(Map<String, Object> fields, String name, @Nullable Object value) {
		if (value == null) {
			fields.remove(name);
		}
		else if (fields.size() < MAX_FIELDS || fields.containsKey(name)) {
			fields.put(name, value);
		}
		else {
			fieldsDropped.increment();
		}
	}

	private SignalContext withFields(Map<String, Object> merged) {
		return of(Fields.immutable(merged), this.span, this.attributes, this.witness);
	}

	/**
	 * This context with another span.
	 * @param span the work that goes on, or {@code null} for none
	 * @return another context
	 */
	public SignalContext withSpan(@Nullable Span span) {
		return of(this.fields, span, null, this.witness);
	}

	/**
	 * This context with another span that takes attributes.
	 * @param span the work that goes on
	 * @param attributes takes its attributes, on any thread
	 * @return another context
	 */
	public SignalContext withSpan(Span span, BiConsumer<String, @Nullable Object> attributes) {
		return of(this.fields, span, attributes, this.witness);
	}

	/**
	 * This context with another witness, which flows like the rest.
	 * @param witness who sees the signals, or {@code null} for nobody
	 * @return another context
	 */
	public SignalContext withWitness(@Nullable Consumer<Signal> witness) {
		return of(this.fields, this.span, this.attributes, witness);
	}

	private static SignalContext of(Map<String, Object> fields, @Nullable Span span,
			@Nullable BiConsumer<String, @Nullable Object> attributes, @Nullable Consumer<Signal> witness) {
		return (fields.isEmpty() && span == null && witness == null) ? EMPTY
				: new SignalContext(fields, span, attributes, witness);
	}

	/**
	 * Makes this context current on the calling thread, whatever was current before.
	 * @return what has to be closed on the same thread
	 */
	public Scope open() {
		OpenScope outer = INNERMOST.get();
		if (outer != null && outer.depth >= MAX_SCOPES) {
			scopesDropped.increment();
			return NO_SCOPE;
		}
		OpenScope scope = new OpenScope(this, outer, false);
		begin(outer, scope);
		return scope;
	}

	/**
	 * A task that runs in this context. What was current on the thread that runs it is
	 * current again afterwards, also where the task leaves scopes open.
	 * @param task the task
	 * @return the task in this context
	 */
	public Runnable wrap(Runnable task) {
		Objects.requireNonNull(task, "task");
		return () -> {
			OpenScope outer = enter();
			try {
				task.run();
			}
			finally {
				leave(outer);
			}
		};
	}

	/**
	 * A task that runs in this context, as {@link #wrap(Runnable)} has it.
	 * @param <T> what it returns
	 * @param task the task
	 * @return the task in this context
	 */
	public <T extends @Nullable Object> Callable<T> wrap(Callable<T> task) {
		Objects.requireNonNull(task, "task");
		return () -> {
			OpenScope outer = enter();
			try {
				return task.call();
			}
			finally {
				leave(outer);
			}
		};
	}

	/**
	 * A supplier that runs in this context, as {@link #wrap(Runnable)} has it.
	 * @param <T> what it returns
	 * @param supplier the supplier
	 * @return the supplier in this context
	 */
	public <T extends @Nullable Object> Supplier<T> wrapSupplier(Supplier<T> supplier) {
		Objects.requireNonNull(supplier, "supplier");
		return () -> {
			OpenScope outer = enter();
			try {
				return supplier.get();
			}
			finally {
				leave(outer);
			}
		};
	}

	/**
	 * A consumer that runs in this context, as {@link #wrap(Runnable)} has it.
	 * @param <T> what it takes
	 * @param consumer the consumer
	 * @return the consumer in this context
	 */
	public <T extends @Nullable Object> Consumer<T> wrapConsumer(Consumer<? super T> consumer) {
		Objects.requireNonNull(consumer, "consumer");
		return (value) -> {
			OpenScope outer = enter();
			try {
				consumer.accept(value);
			}
			finally {
				leave(outer);
			}
		};
	}

	/**
	 * A function that runs in this context, as {@link #wrap(Runnable)} has it.
	 * @param <T> what it takes
	 * @param <R> what it returns
	 * @param function the function
	 * @return the function in this context
	 */
	public <T extends @Nullable Object, R extends @Nullable Object> Function<T, R> wrapFunction(
			Function<? super T, ? extends R> function) {
		Objects.requireNonNull(function, "function");
		return (value) -> {
			OpenScope outer = enter();
			try {
				return function.apply(value);
			}
			finally {
				leave(outer);
			}
		};
	}

	/**
	 * A function that runs in this context, as {@link #wrap(Runnable)} has it.
	 * @param <T> what it takes first
	 * @param <U> what it takes second
	 * @param <R> what it returns
	 * @param function the function
	 * @return the function in this context
	 */
	public <T extends @Nullable Object, U extends @Nullable Object, R extends @Nullable Object> BiFunction<T, U, R> wrapBiFunction(
			BiFunction<? super T, ? super U, ? extends R> function) {
		Objects.requireNonNull(function, "function");
		return (first, second) -> {
			OpenScope outer = enter();
			try {
				return function.apply(first, second);
			}
			finally {
				leave(outer);
			}
		};
	}

	private @Nullable OpenScope enter() {
		OpenScope outer = INNERMOST.get();
		begin(outer, new OpenScope(this, outer, false));
		return outer;
	}

	private static void leave(@Nullable OpenScope outer) {
		change(INNERMOST.get(), stillOpen(outer));
	}

	/**
	 * Makes a context current for a library that has no scopes, but says what is to be
	 * current from now on.
	 */
	static void replace(SignalContext context) {
		OpenScope innermost = INNERMOST.get();
		OpenScope outer = (innermost != null && innermost.replaceable) ? stillOpen(innermost.outer) : innermost;
		begin(innermost, new OpenScope(context, outer, true));
	}

	/**
	 * Takes {@link #replace} back, with all scopes that were opened since and not closed.
	 * @param context what was current before, as the library remembers it
	 */
	static void restore(SignalContext context) {
		OpenScope innermost = INNERMOST.get();
		OpenScope replaced = innermost;
		while (replaced != null && !replaced.replaceable) {
			replaced = replaced.outer;
		}
		OpenScope outer = stillOpen((replaced != null) ? replaced.outer : innermost);
		change(innermost, (contextOf(outer) == context) ? outer : new OpenScope(context, outer, true));
	}

	private static @Nullable OpenScope stillOpen(@Nullable OpenScope scope) {
		OpenScope open = scope;
		while (open != null && open.closed) {
			open = open.outer;
		}
		return open;
	}

	private static SignalContext contextOf(@Nullable OpenScope scope) {
		return (scope != null) ? scope.context : EMPTY;
	}

	/** Changes, or not at all: whoever gets an exception gets nothing to close. */
	private static void begin(@Nullable OpenScope from, OpenScope to) {
		boolean begun = false;
		try {
			change(from, to);
			begun = true;
		}
		finally {
			if (!begun) {
				INNERMOST.set(from);
			}
		}
	}

	private static void change(@Nullable OpenScope from, @Nullable OpenScope to) {
		INNERMOST.set(to);
		ContextMirror mirror = SignalContext.mirror;
		if (mirror != null && contextOf(from) != contextOf(to)) {
			tell(mirror, contextOf(from), contextOf(to));
		}
	}

	private static void tell(ContextMirror mirror, SignalContext from, SignalContext to) {
		try {
			mirror.changed(from, to);
		}
		catch (Throwable ex) {
			mirrorErrors.increment();
			if (ex instanceof VirtualMachineError fatal && !(ex instanceof StackOverflowError)) {
				throw fatal;
			}
		}
	}

	@Override
	public String toString() {
		return "SignalContext" + this.fields + ((this.span != null) ? "@" + this.span : "");
	}

	/**
	 * A context that is or was current, and the one around it: what the thread-local
	 * holds is the head of this list. Only its own thread changes it.
	 */
	private static final class OpenScope implements Scope {

		private final SignalContext context;

		private final @Nullable OpenScope outer;

		private final Thread thread = Thread.currentThread();

		private final int depth;

		/** Whether it is there for {@link SignalContext#replace}. */
		private final boolean replaceable;

		private boolean closed;

		OpenScope(SignalContext context, @Nullable OpenScope outer, boolean replaceable) {
			this.context = context;
			this.outer = outer;
			this.depth = (outer != null) ? outer.depth + 1 : 1;
			this.replaceable = replaceable;
		}

		@Override
		public void close() {
			if (this.closed || Thread.currentThread() != this.thread) {
				return;
			}
			this.closed = true;
			if (INNERMOST.get() == this) {
				change(this, stillOpen(this.outer));
			}
		}

	}

}
