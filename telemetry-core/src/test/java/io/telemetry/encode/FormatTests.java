package io.telemetry.encode;

import java.lang.reflect.InvocationTargetException;
import java.net.URL;
import java.net.URLClassLoader;

import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.core.JsonParser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class FormatTests {

	@ParameterizedTest
	@EnumSource
	void encoderIsThereWhereEveryLibraryIs(Format format) {
		assertThat(format.isAvailable()).isTrue();
		assertThat(format.newEncoder().framing())
			.isEqualTo((format == Format.CBOR || format == Format.MSGPACK) ? Framing.SELF_DELIMITING : Framing.LINES);
	}

	@Test
	void lambdaIsAnEncoderOfLinesWithoutColours() {
		SignalEncoder encoder = (signal, out) -> out.write('x');
		assertThat(encoder.framing()).isEqualTo(Framing.LINES);
		assertThat(encoder.coloured()).isSameAs(encoder);
	}

	@Test
	void sharedEncoderHasFramingAndColoursOfItsDelegate() {
		assertThat(new SharedSignalEncoder(new CborSignalEncoder()).framing()).isEqualTo(Framing.SELF_DELIMITING);
		assertThat(new SharedSignalEncoder(new PrettySignalEncoder()).coloured())
			.isInstanceOf(PrettySignalEncoder.class);
		SharedSignalEncoder json = new SharedSignalEncoder(new JsonSignalEncoder());
		assertThat(json.coloured()).isSameAs(json);
	}

	@ParameterizedTest
	@EnumSource
	void withoutOptionalLibrariesTheOtherFormatsWorkAndTheMissingOneIsNamed(Format format) throws Exception {
		URL[] necessary = { location(Format.class), location(JsonParser.class), location(NullMarked.class) };
		try (URLClassLoader loader = new URLClassLoader(necessary, ClassLoader.getPlatformClassLoader())) {
			Class<?> type = loader.loadClass(Format.class.getName());
			Object constant = type.getField(format.name()).get(null);
			boolean available = (boolean) type.getMethod("isAvailable").invoke(constant);
			assertThat(available).isEqualTo(format.dependency() == null);
			if (!available) {
				assertThatExceptionOfType(InvocationTargetException.class)
					.isThrownBy(() -> type.getMethod("newEncoder").invoke(constant))
					.havingCause()
					.isInstanceOf(IllegalStateException.class)
					.withMessageContaining("'" + format + "'")
					.withMessageContaining("'" + format.dependency() + "'");
			}
		}
	}

	private static URL location(Class<?> type) {
		return type.getProtectionDomain().getCodeSource().getLocation();
	}

}
