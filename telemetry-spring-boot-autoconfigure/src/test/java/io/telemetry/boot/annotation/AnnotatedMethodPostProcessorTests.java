package io.telemetry.boot.annotation;

import java.io.IOException;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

import io.telemetry.annotation.Measured;
import io.telemetry.annotation.Traced;
import io.telemetry.handler.HandlerOptions;
import io.telemetry.pipeline.Change;
import io.telemetry.pipeline.SignalPipeline;
import io.telemetry.signal.Kind;
import io.telemetry.signal.Level;
import io.telemetry.signal.Signal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import org.springframework.aop.framework.AopConfigException;
import org.springframework.aop.framework.ProxyFactory;
import org.springframework.aop.support.AopUtils;
import org.springframework.core.annotation.AliasFor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * {@link AnnotatedMethodPostProcessor}: what the annotations stand for.
 */
class AnnotatedMethodPostProcessorTests {

	private final List<Signal> signals = new ArrayList<>();

	private final SignalPipeline pipeline = SignalPipeline.builder()
		.handler("memory", this.signals::add, HandlerOptions.DEFAULTS.withMinLevel(Level.TRACE).withQueue(null))
		.build();

	@SuppressWarnings("unchecked")
	private <T> T proxy(T bean, Supplier<SignalPipeline> source) {
		AnnotatedMethodPostProcessor processor = new AnnotatedMethodPostProcessor(source);
		processor.setProxyTargetClass(true);
		return (T) processor.postProcessAfterInitialization(bean, "bean");
	}

	private <T> T proxy(T bean) {
		return proxy(bean, () -> this.pipeline);
	}

	private Signal only() {
		assertThat(this.signals).hasSize(1);
		return this.signals.get(0);
	}

	@Test
	void methodIsASpanNamedAfterClassAndMethod() {
		assertThat(proxy(new CheckoutService()).placeOrder(3)).isEqualTo(6);
		assertThat(only().kind()).isEqualTo(Kind.TRACE);
		assertThat(only().level()).isEqualTo(Level.INFO);
		assertThat(only().id()).isEqualTo("checkout-service/place-order");
		assertThat(only().namespace()).isEqualTo(CheckoutService.class.getName());
		assertThat(only().run().duration()).isNotNull();
		assertThat(only().run().result()).isNull();
	}

	@Test
	void idLevelAndResultAreWhatTheAnnotationSays() {
		proxy(new CheckoutService()).pay();
		assertThat(only().id()).isEqualTo("shop/pay");
		assertThat(only().level()).isEqualTo(Level.of(15));
		assertThat(only().run().result()).isEqualTo("paid");
	}

	@Test
	void methodIsTimedUnderNamesOfClassAndMethod() {
		CheckoutService service = proxy(new CheckoutService());
		service.parseXMLFile();
		service.ship();
		assertThat(this.signals).extracting(Signal::kind).containsOnly(Kind.METRIC);
		assertThat(this.signals).extracting(Signal::id).containsExactly("checkout-service.parse-xml-file", "shop.ship");
		assertThat(this.signals).extracting((signal) -> signal.measurement().unit()).containsOnly("ms");
	}

	@Test
	void timeOfAMethodWithBothIsTakenInsideItsSpan() {
		proxy(new CheckoutService()).both();
		assertThat(this.signals).extracting(Signal::kind).containsExactly(Kind.METRIC, Kind.TRACE);
		assertThat(this.signals.get(0).run().spanId()).isEqualTo(this.signals.get(1).run().spanId());
	}

	@Test
	void methodWithoutAnnotationIsJustCalledAndSoIsWhatItCalls() {
		CheckoutService service = proxy(new CheckoutService());
		service.placeOrders();
		assertThat(service.toString()).isEqualTo("checkout");
		assertThat(this.signals).as("a call of the object itself passes by the proxy").isEmpty();
	}

	@Test
	void annotationOnAClassStandsForItsPublicMethodsOnly() {
		Warehouse warehouse = proxy(new Warehouse());
		warehouse.take();
		warehouse.restock();
		warehouse.count();
		assertThat(warehouse.toString()).isEqualTo("warehouse");
		assertThat(this.signals).extracting(Signal::id).containsExactly("stock/take", "shop/restock");
		assertThat(this.signals).extracting(Signal::level).containsExactly(Level.DEBUG, Level.INFO);
	}

	@Test
	void annotationsOfInterfacesAndSuperclassesCount() {
		proxy(new LocalBank()).charge();
		proxy(new DiscountCheckout()).placeOrder(3);
		assertThat(this.signals).extracting(Signal::id).containsExactly("bank/charge", "discount-checkout/place-order");
		assertThat(this.signals).extracting(Signal::namespace)
			.containsExactly(LocalBank.class.getName(), DiscountCheckout.class.getName());
	}

	@Test
	void annotationThatIsMadeOfOursCounts() {
		proxy(new Nightly()).run();
		assertThat(only().id()).isEqualTo("job/nightly");
		assertThat(only().level()).isEqualTo(Level.DEBUG);
	}

	static List<Client> clientsWithoutAName() {
		Client proxy = (Client) Proxy.newProxyInstance(Client.class.getClassLoader(), new Class<?>[] { Client.class },
				(self, method, arguments) -> "answer");
		Client withoutTarget = ProxyFactory.getProxy(Client.class,
				(org.aopalliance.intercept.MethodInterceptor) (invocation) -> "answer");
		Client lambda = () -> "answer";
		return List.of(proxy, withoutTarget, lambda);
	}

	@ParameterizedTest
	@MethodSource("clientsWithoutAName")
	void proxyOrLambdaSpeaksForItsInterface(Client client) {
		assertThat(proxy(client).askBank()).isEqualTo("answer");
		assertThat(only().id()).isEqualTo("client/ask-bank");
		assertThat(only().namespace()).isEqualTo(Client.class.getName());
	}

	@Test
	void futureEndsSpanAndTimeWhenItCompletes() {
		CompletableFuture<String> future = new CompletableFuture<>();
		assertThat(proxy(new Later()).future(future)).isSameAs(future);
		assertThat(this.signals).isEmpty();
		future.complete("done");
		assertThat(this.signals).extracting(Signal::kind).containsExactlyInAnyOrder(Kind.TRACE, Kind.METRIC);
		assertThat(this.signals).extracting(Signal::throwable).containsOnlyNulls();
	}

	@Test
	void futureThatFailsIsToldOfWithItsException() {
		CompletableFuture<String> future = new CompletableFuture<>();
		proxy(new Later()).future(future);
		future.completeExceptionally(new IOException("no"));
		assertThat(this.signals).filteredOn((signal) -> signal.kind() == Kind.TRACE)
			.singleElement()
			.satisfies((signal) -> assertThat(signal.throwable()).isInstanceOf(IOException.class));
		assertThat(this.signals).filteredOn((signal) -> signal.kind() == Kind.METRIC)
			.singleElement()
			.satisfies((signal) -> assertThat(signal.data()).containsEntry("error", IOException.class.getName()));
	}

	@Test
	void publisherIsToldOfWithEachSubscription() {
		Later later = proxy(new Later());
		Mono<String> mono = later.mono();
		Flux<Integer> flux = later.flux();
		assertThat(this.signals).isEmpty();
		assertThat(mono.block()).isEqualTo("done");
		mono.block();
		assertThat(flux.collectList().block()).containsExactly(1, 2, 3);
		assertThat(this.signals).extracting(Signal::id).containsExactly("later/mono", "later/mono", "later/flux");
	}

	@Test
	void exceptionIsToldOfAndReachesTheCallerUnchanged() {
		IOException declared = new IOException("no");
		assertThatExceptionOfType(IOException.class).isThrownBy(() -> proxy(new Failing()).fail(declared))
			.isSameAs(declared);
		assertThat(only().throwable()).isSameAs(declared);
		this.signals.clear();
		Error error = new AssertionError("never");
		assertThatExceptionOfType(AssertionError.class).isThrownBy(() -> proxy(new Failing()).fail(error))
			.isSameAs(error);
		assertThat(only().throwable()).isSameAs(error);
	}

	@Test
	void withoutAPipelineMethodsAreJustCalledUntilThereIsOne() {
		AtomicReference<SignalPipeline> later = new AtomicReference<>();
		CheckoutService service = proxy(new CheckoutService(), later::get);
		assertThat(service.placeOrder(3)).isEqualTo(6);
		assertThat(this.signals).isEmpty();
		later.set(this.pipeline);
		service.placeOrder(3);
		assertThat(this.signals).hasSize(1);
	}

	@Test
	void beanWithoutAnnotationsIsNoProxy() {
		Object plain = new Object();
		List<String> list = new ArrayList<>();
		assertThat(proxy(plain)).isSameAs(plain);
		assertThat(proxy(list)).isSameAs(list);
		assertThat(AopUtils.isAopProxy(proxy(new CheckoutService()))).isTrue();
	}

	@Test
	void levelThatIsNoneIsRefusedWithMethodValueAndWhatIsAllowed() {
		assertThatIllegalArgumentException().isThrownBy(() -> proxy(new WrongLevel()))
			.withMessage("The level of @Traced on method " + WrongLevel.class.getName()
					+ ".work is wrong: 'loud' is not a level: allowed are trace, debug, info, warn, error, fatal, "
					+ "report or an integer");
		assertThatIllegalArgumentException().isThrownBy(() -> proxy(new WrongLevelOfAll()))
			.withMessageStartingWith("The level of @Traced on class " + WrongLevelOfAll.class.getName() + " is wrong");
	}

	@Test
	void methodThatNoProxySeesIsRefused() {
		assertThatIllegalArgumentException().isThrownBy(() -> proxy(new PrivateMethod()))
			.withMessage("@Traced can't be heeded on method " + PrivateMethod.class.getName()
					+ ".work: a proxy sees neither private nor static methods");
		assertThatIllegalArgumentException().isThrownBy(() -> proxy(new StaticMethod()))
			.withMessageStartingWith("@Measured can't be heeded on method " + StaticMethod.class.getName() + ".work");
	}

	@Test
	void finalClassIsRefusedBySpringUnlessItIsCalledThroughAnInterface() {
		assertThatExceptionOfType(AopConfigException.class).isThrownBy(() -> proxy(new FinalBank()))
			.withMessageContaining("final class");
		AnnotatedMethodPostProcessor processor = new AnnotatedMethodPostProcessor(() -> this.pipeline);
		((Bank) processor.postProcessAfterInitialization(new FinalBank(), "bank")).charge();
		assertThat(only().id()).isEqualTo("bank/charge");
	}

	@Test
	void signalThatTheFilterRefusesIsNotMadeAndTheMethodIsCalled() {
		this.pipeline.change(List.of(Change.Pipeline.minLevel(Level.WARN)), null);
		assertThat(proxy(new CheckoutService()).placeOrder(3)).isEqualTo(6);
		assertThat(this.signals).isEmpty();
	}

	static class CheckoutService {

		@Traced
		int placeOrder(int pieces) {
			return pieces * 2;
		}

		void placeOrders() {
			placeOrder(1);
		}

		@Traced(value = "shop/pay", level = "15", withResult = true)
		String pay() {
			return "paid";
		}

		@Measured
		void parseXMLFile() {
		}

		@Measured("shop.ship")
		void ship() {
		}

		@Traced
		@Measured
		void both() {
		}

		@Override
		public String toString() {
			return "checkout";
		}

	}

	static class DiscountCheckout extends CheckoutService {

		@Override
		int placeOrder(int pieces) {
			return pieces;
		}

	}

	@Traced(value = "stock", level = "debug")
	static class Warehouse {

		public void take() {
		}

		@Traced("shop/restock")
		public void restock() {
		}

		void count() {
			forget();
		}

		private void forget() {
		}

		public static void open() {
		}

		@Override
		public String toString() {
			return "warehouse";
		}

	}

	interface Bank {

		@Traced("bank/charge")
		void charge();

	}

	static class LocalBank implements Bank {

		@Override
		public void charge() {
		}

	}

	static final class FinalBank implements Bank {

		@Override
		public void charge() {
		}

	}

	@Traced
	interface Client {

		String askBank();

	}

	@Traced(level = "debug")
	@Retention(RetentionPolicy.RUNTIME)
	@interface Job {

		@AliasFor(annotation = Traced.class, attribute = "value")
		String name();

	}

	static class Nightly {

		@Job(name = "job/nightly")
		void run() {
		}

	}

	static class Later {

		@Traced
		@Measured
		CompletableFuture<String> future(CompletableFuture<String> future) {
			return future;
		}

		@Traced
		Mono<String> mono() {
			return Mono.just("done");
		}

		@Traced
		Flux<Integer> flux() {
			return Flux.just(1, 2, 3);
		}

	}

	static class Failing {

		@Traced
		void fail(IOException failure) throws IOException {
			throw failure;
		}

		@Traced
		void fail(Error failure) {
			throw failure;
		}

	}

	static class WrongLevel {

		@Traced
		void first() {
		}

		@Traced(level = "loud")
		void work() {
		}

	}

	@Traced(level = "loud")
	static class WrongLevelOfAll {

		public void work() {
		}

	}

	static class PrivateMethod {

		@Traced
		private void work() {
		}

	}

	static class StaticMethod {

		@Measured
		static void work() {
		}

	}

}
