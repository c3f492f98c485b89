package io.telemetry.signal;

import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

class FingerprintTests {

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '~', value = { "Order 42 not found | Order # not found",
			"Order ORD-2026-0042 not found | Order ORD-# not found",
			"Index -1 out of bounds for length 0 | Index # out of bounds for length #",
			"Index 5 out of bounds for length 3 | Index # out of bounds for length #",
			"no value in [1, 2, 3] | no value in [#]", "no value in [17] | no value in [#]", "took 12.5 ms | took # ms",
			"took 12 ms | took # ms", "at 2026-01-01T00:00:00.123456Z | at #T#Z", "at 2026-01-01T00:00:00Z | at #T#Z",
			"host 10.0.0.1:8080 down | host # down", "user 550e8400-e29b-41d4-a716-446655440000 gone | user # gone",
			"user:deadbeef-abcd-abcd-abcd-abcdefabcdef gone | user:# gone",
			"trace 4bf92f3577b34da6a3ce929d0e0e4736 | trace #", "at address 0x7ffe12 | at address #",
			"uid 01ARZ3NDEKTSV4RRFFQ69G5FAV | uid #", "token eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9-x | token #",
			"no user 'jane doe' in \"shop\" | no user # in #", "{\"a\":\"b\",\"c\":1} | {#}", "{\"a\":2} | {#}",
			"can't read the user's cart | can't read the user's cart",
			"mail to jane.doe+x@mail.example.org failed. | mail to # failed.",
			"Object com.acme.Foo@1a2b3c4d | Object com.acme.Foo@#", "Object com.acme.Foo@beef | Object com.acme.Foo@#",
			"GET https://api.acme.com/users/123/orders/9?page=2&q=x failed | GET https://api.acme.com/users/#/orders/# failed",
			"GET https://api.acme.com/users/7/orders/12 failed | GET https://api.acme.com/users/#/orders/# failed",
			"What? 'no'! | What? #!", "class a.B can not be cast to class c.D | class a.B can not be cast to class c.D",
			"Cannot invoke \"String.length()\" because \"<local4>\" is null | Cannot invoke # because # is null" })
	void messageKeepsItsWordsAndLosesWhatVaries(String message, String shape) {
		assertThat(Fingerprint.shape(message)).isEqualTo(shape);
	}

	@Test
	void whiteSpaceOfAMessageIsOneSpace() {
		assertThat(Fingerprint.shape(" a\r\n\t b \u2003 c ")).isEqualTo("a b c");
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', value = { "at com.acme.Shop.order(Shop.java:12) | com.acme.Shop.order",
			"at com.acme.Shop.order(Native Method) | com.acme.Shop.order",
			"at app//com.acme.Shop.order(Shop.java:12) | com.acme.Shop.order",
			"at java.base@17.0.1/java.util.List.of(List.java:1) | java.util.List.of",
			"at app/shop@1.2/com.acme.Shop.<init>(Shop.java) | com.acme.Shop.<init>",
			"at com.acme.Shop.lambda$order$12(Shop.java:3) | com.acme.Shop.lambda$order$",
			"at com.acme.Shop$$Lambda$14/0x0000000800c03000.run(Unknown Source) | com.acme.Shop$$Lambda.run",
			"at com.acme.Shop$$Lambda/0x00007f1234567890.run(Unknown Source) | com.acme.Shop$$Lambda.run",
			"at com.acme.Shop$$SpringCGLIB$$0.order(<generated>) | com.acme.Shop$$SpringCGLIB$$.order",
			"at com.acme.Shop$$EnhancerBySpringCGLIB$$3f9a1c2b.order(<generated>) | com.acme.Shop$$EnhancerBySpringCGLIB$$.order",
			"at jdk.proxy2/jdk.proxy2.$Proxy123.order(Unknown Source) | $Proxy.order",
			"at com.sun.proxy.$Proxy7.order(Unknown Source) | $Proxy.order",
			"at com.acme.$Proxy7.order(Unknown Source) | com.acme.$Proxy.order",
			"at com.acme.Shop$1.run(Shop.java:3) | com.acme.Shop$.run",
			"at com.acme.Shop$Cart.add(Shop.java:3) | com.acme.Shop$Cart.add",
			"at com.acme.Hidden/0x0000000800c08000.run(Unknown Source) | com.acme.Hidden.run",
			"at com.acme.Order$HibernateProxy$x8Yz1AbC.getId(Unknown Source) | com.acme.Order$HibernateProxy$.getId",
			"at order (https://shop.example/assets/app.3f9a1c2b.js:1:2345) | order@/assets/app.#.js",
			"at order (https://cdn.example/assets/app.99ffee00.js?v=3#x:10:2) | order@/assets/app.#.js",
			"at https://shop.example/app.js:1:2 | @/app.js", "at /srv/app/index.js:10:5 | @/srv/app/index.js",
			"at async order (app.js:1:2) | order@app.js", "at new Cart (app.js:1:2) | Cart@app.js",
			"at Object.add [as put] (app.js:1:2) | Object.add@app.js",
			"at Array.map (<anonymous>) | Array.map@<anonymous>",
			"at eval (eval at run (http://a/b.js:1:2), <anonymous>:1:1) | eval@eval",
			"at render (webpack-internal:///./src/App.js:5:6) | render@/./src/App.js",
			"at go (http://a/assets/index-B-k2J9aQ.js:1:2) | go@/assets/index-#.js",
			"at go (http://a/assets/index-DkFjqzQw.js:1:2) | go@/assets/index-#.js",
			"at go (http://a/assets/app-5IQMZJRO.js:1:2) | go@/assets/app-#.js",
			"at go (http://a/assets/index-fallback.js:1:2) | go@/assets/index-fallback.js",
			"order@https://shop.example/app.3f9a1c2b.js:1:2 | order@/app.#.js",
			"@https://shop.example/app.js:1:2 | @/app.js", "https://shop.example/app.js:1:2 | @/app.js",
			"global code@https://shop.example/@scope/app.js:1 | global code@/@scope/app.js",
			"forEach@[native code] | forEach@[native code]", "async*order@http://a/app.js:1:2 | order@/app.js" })
	void frameLosesWhatChangesFromBuildToBuild(String line, String frame) {
		assertThat(frames(line)).containsExactly(frame);
	}

	@Test
	void frameworkOfReflectionAndRepetitionsAreNoFrames() {
		assertThat(frames("at a.A.m(A.java:1)\nat a.A.m(A.java:1)\n"
				+ "at java.base/jdk.internal.reflect.NativeMethodAccessorImpl.invoke0(Native Method)\n"
				+ "at jdk.internal.reflect.GeneratedMethodAccessor12.invoke(Unknown Source)\n"
				+ "at java.base/java.lang.reflect.Method.invoke(Method.java:1)\nat a.B.m(B.java:1)"))
			.containsExactly("a.A.m", "a.B.m");
	}

	@Test
	void linesThatAreNoFramesAreLeftOut() {
		assertThat(frames("TypeError: mail me@x.example:1\n    at go (app.js:1:2)\n\n... 3 more\nCaused by: x"))
			.containsExactly("go@app.js");
		assertThat(frames("nothing here\nwritten by hand")).isEmpty();
	}

	@Test
	void onlyTheTopFramesCount() {
		String top = "at a.A.a()\nat a.A.b()\nat a.A.c()\nat a.A.d()\nat a.A.e()";
		assertThat(print("E", "m", top + "\nat a.A.f()")).isEqualTo(print("E", "m", top + "\nat a.A.g()"));
		assertThat(print("E", "m", "at a.A.x()\n" + top)).isNotEqualTo(print("E", "m", top));
	}

	@Test
	void typeMessageStackAndCausesEachTellFailuresApart() {
		ErrorData error = error("E", "m", "at a.A.m()", ErrorData.of("C", "x", "at c.C.m()"));
		assertThat(Stream
			.of(error, error("F", "m", "at a.A.m()", ErrorData.of("C", null, null)),
					error("E", "n", "at a.A.m()", ErrorData.of("C", null, null)),
					error("E", "m", "at a.A.n()", ErrorData.of("C", null, null)),
					error("E", "m", "at a.A.m()", ErrorData.of("D", null, null)), ErrorData.of("E", "m", "at a.A.m()"),
					error("E", null, null, null), error("", null, null, null))
			.map(ErrorData::fingerprint)).doesNotHaveDuplicates();
		assertThat(error("E", "m", "at a.A.m()", ErrorData.of("C", "y", "at c.D.m()")).fingerprint())
			.isEqualTo(error.fingerprint());
		assertThat(new ErrorData("E", "m", "at a.A.m()", error.cause(), List.of(error)).fingerprint())
			.isEqualTo(error.fingerprint());
	}

	/**
	 * Other processes and later releases have to come to the same.
	 */
	@Test
	void fingerprintNeverChanges() {
		assertThat(ErrorData.of("java.io.IOException", "disk 3 full", "at a.B.c(B.java:1)").fingerprint())
			.isEqualTo("fdf9a58b5d7d6b80");
		assertThat(ErrorData.of("TypeError", "x is undefined", "go@http://a/app.js:1:2").fingerprint())
			.isEqualTo("25f96cf0b8955fc6");
		assertThat(error("E", null, null, ErrorData.of("C", null, null)).fingerprint()).isEqualTo("f966bf6f5c06a5b7");
	}

	@Test
	void sameFailureOfThisProcessHasOneFingerprint() {
		assertThat(Stream.of(1, 2, 3).map((i) -> ErrorData.of(failure(i)).fingerprint()).distinct()).hasSize(1);
	}

	private static Exception failure(int order) {
		Runnable failing = () -> {
			throw new IllegalStateException("Order " + order + " is gone");
		};
		try {
			failing.run();
			throw new AssertionError("must fail");
		}
		catch (IllegalStateException ex) {
			return ex;
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "a", "1", "'", "\"", "' ", "@", "a@", "a.", "?a", "-", "#", " ", "\n", "at ", "at (",
			"at a(", ":1", "://", "$", "$$Lambda", "/", "/0", "ab-", "\ud800", "0x", "a1", "at a@b://c:1:2\n", "[as ",
			"\u65e5" })
	void whateverIsRepeatedToSixtyFourKilobytesIsBounded(String part) {
		String hostile = part.repeat(65_536 / part.length());
		ErrorData error = error(hostile, hostile, hostile, ErrorData.of(hostile, hostile, hostile));
		assertThat(error.fingerprint()).matches("[0-9a-f]{16}");
		assertThat(Fingerprint.text(error).length()).isLessThan(8_000);
	}

	@Test
	void anyTextHasAFingerprintThatRepeats() {
		Random random = new Random(20260101);
		String[] parts = { "at ", "a.B", "(", ")", ":1", "@", "http://", "/", "?", "$", "\n", " ", "'", "\"", "1f", "-",
				"\ud800", "\u0000", "$$Lambda", "[native code]", "eval at ", "#", ".js", "abcdef12", "x" };
		for (int i = 0; i < 5_000; i++) {
			StringBuilder text = new StringBuilder();
			int length = random.nextInt(60);
			for (int j = 0; j < length; j++) {
				text.append(parts[random.nextInt(parts.length)]);
			}
			String given = text.toString();
			ErrorData error = error(given, given, given, null);
			assertThat(error.fingerprint()).hasSize(16).isEqualTo(error(given, given, given, null).fingerprint());
		}
	}

	@Test
	void chainOfCausesIsBounded() {
		ErrorData error = ErrorData.of("E", null, null);
		for (int i = 0; i < 10_000; i++) {
			error = error("E", null, null, error);
		}
		assertThat(Fingerprint.text(error).lines().filter((line) -> line.equals("caused by E")))
			.hasSize(ErrorData.MAX_DEPTH);
	}

	static Stream<Arguments> sameInTwoBuilds() {
		return Stream.of(Arguments.of("java.lang.IllegalStateException: order 1",
				"at com.acme.Shop.lambda$order$3(Shop.java:10)\nat com.acme.Shop$$SpringCGLIB$$0.order(<generated>)",
				"at com.acme.Shop.lambda$order$5(Shop.java:22)\nat com.acme.Shop$$SpringCGLIB$$1.order(<generated>)"),
				Arguments.of("x is undefined", "TypeError: x\n    at go (https://a.example/app.3f9a1c2b.js:1:200)",
						"TypeError: x\n    at go (https://b.example/app.00aa11bb.js?v=2:1:345)"));
	}

	@ParameterizedTest
	@MethodSource
	void sameInTwoBuilds(String message, String first, String second) {
		assertThat(print("E", message, first)).isEqualTo(print("E", message, second));
	}

	private static List<String> frames(String stack) {
		List<String> lines = Fingerprint.text(ErrorData.of("E", null, stack)).lines().toList();
		return lines.subList(2, lines.size());
	}

	private static String print(String type, String message, String stack) {
		return ErrorData.of(type, message, stack).fingerprint();
	}

	private static ErrorData error(String type, String message, String stack, ErrorData cause) {
		return new ErrorData(type, message, stack, cause, List.of());
	}

}
