package io.telemetry.encode;

import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

import io.telemetry.handler.file.FileHandler;
import io.telemetry.handler.file.FileOptions;
import io.telemetry.signal.Kind;
import io.telemetry.signal.Level;
import io.telemetry.signal.Signal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.msgpack.core.MessagePack;
import org.msgpack.core.MessageUnpacker;
import org.msgpack.value.Value;
import tools.jackson.databind.MappingIterator;
import tools.jackson.dataformat.cbor.CBORMapper;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * CBOR and MessagePack, which tell for themselves where a signal ends.
 */
class BinarySignalEncoderTests {

	@ParameterizedTest
	@EnumSource(names = { "CBOR", "MSGPACK" })
	void whateverASignalHoldsIsReadBack(Format format) throws IOException {
		SignalEncoder encoder = format.newEncoder();
		RandomValues values = new RandomValues(20260104);
		for (int i = 0; i < 1_000; i++) {
			Signal signal = values.signal();
			List<Object> read = read(format, Forms.bytes(encoder, signal));
			assertThat(read).hasSize(1);
			assertSame(Forms.repaired(Forms.json(signal)), read.get(0));
		}
	}

	@ParameterizedTest
	@EnumSource(names = { "CBOR", "MSGPACK" })
	void signalsInARowAreReadOneAfterTheOther(Format format) throws IOException {
		byte[] bytes = Forms.bytes(format.newEncoder(), signal("1"), signal("2"), signal("3"));
		assertThat(messages(format, bytes)).containsExactly("1", "2", "3");
	}

	@ParameterizedTest
	@EnumSource(names = { "CBOR", "MSGPACK" })
	void fileHoldsNothingElseAlsoWhenItIsOpenedAgain(Format format, @TempDir Path directory) throws Exception {
		Path path = directory.resolve("signals");
		SignalEncoder encoder = new SharedSignalEncoder(format.newEncoder()).addUser();
		for (int i = 0; i < 3; i++) {
			try (FileHandler handler = new FileHandler(encoder, FileOptions.of(path))) {
				handler.handle(List.of(signal("a" + i), signal("b" + i)));
			}
		}
		assertThat(messages(format, Files.readAllBytes(path))).containsExactly("a0", "b0", "a1", "b1", "a2", "b2");
	}

	@Test
	void numbersKeepTheirTypeWhereTheFormatHasIt() throws IOException {
		Map<String, Object> data = new LinkedHashMap<>();
		data.put("unsigned", BigInteger.TWO.pow(64).subtract(BigInteger.ONE));
		data.put("large", BigInteger.TWO.pow(64));
		data.put("negative", BigInteger.TWO.pow(63).negate());
		data.put("larger", BigInteger.TWO.pow(63).negate().subtract(BigInteger.ONE));
		data.put("decimal", new BigDecimal("0.10"));
		data.put("float", 2.5f);
		Signal signal = Signal.builder(Level.INFO, Kind.LOG, "ns").data(data).build();
		Map<?, ?> cbor = (Map<?, ?>) ((Map<?, ?>) new CBORMapper()
			.readValue(Forms.bytes(new CborSignalEncoder(), signal), Object.class)).get("data");
		assertThat(cbor.get("larger")).isEqualTo(data.get("larger"));
		assertThat(cbor.get("decimal")).isEqualTo(new BigDecimal("0.10"));
		Map<Value, Value> packed = MessagePack.newDefaultUnpacker(Forms.bytes(new MsgpackSignalEncoder(), signal))
			.unpackValue()
			.asMapValue()
			.map();
		Map<String, Object> types = new LinkedHashMap<>();
		packed.forEach((name, value) -> {
			if (name.toString().equals("data")) {
				value.asMapValue().map().forEach((field, content) -> types.put(field.toString(), content.toJson()));
			}
		});
		assertThat(types).containsEntry("unsigned", "18446744073709551615")
			.containsEntry("large", "\"18446744073709551616\"")
			.containsEntry("negative", "-9223372036854775808")
			.containsEntry("larger", "\"-9223372036854775809\"")
			.containsEntry("decimal", "\"0.10\"")
			.containsEntry("float", "2.5");
	}

	private static List<Object> messages(Format format, byte[] bytes) throws IOException {
		return read(format, bytes).stream()
			.map((signal) -> ((Map<?, ?>) signal).get("msg"))
			.map(Object.class::cast)
			.toList();
	}

	private static List<Object> read(Format format, byte[] bytes) throws IOException {
		List<Object> signals = new ArrayList<>();
		if (format == Format.CBOR) {
			try (MappingIterator<Object> values = new CBORMapper().readerFor(Object.class).readValues(bytes)) {
				values.forEachRemaining((value) -> signals.add(Forms.comparable(value)));
			}
		}
		else {
			try (MessageUnpacker unpacker = MessagePack.newDefaultUnpacker(bytes)) {
				while (unpacker.hasNext()) {
					signals.add(Forms.comparable(plain(unpacker.unpackValue())));
				}
			}
		}
		return signals;
	}

	private static Object plain(Value value) {
		if (value.isMapValue()) {
			Map<Object, Object> map = new LinkedHashMap<>();
			BiConsumer<Value, Value> put = (name, content) -> map.put(plain(name), plain(content));
			value.asMapValue().map().forEach(put);
			return map;
		}
		if (value.isArrayValue()) {
			List<Object> list = new ArrayList<>();
			value.asArrayValue().forEach((element) -> list.add(plain(element)));
			return list;
		}
		if (value.isNilValue()) {
			return null;
		}
		if (value.isBooleanValue()) {
			return value.asBooleanValue().getBoolean();
		}
		if (value.isIntegerValue()) {
			return value.asIntegerValue().asBigInteger();
		}
		return value.isFloatValue() ? (Object) value.asFloatValue().toDouble() : value.asStringValue().asString();
	}

	/**
	 * Compares, but takes a number and the text of the same number for the same.
	 */
	private static void assertSame(Object expected, Object actual) {
		if (expected instanceof Map<?, ?> map) {
			assertThat(actual).isInstanceOf(Map.class);
			assertThat(((Map<?, ?>) actual).keySet()).isEqualTo(map.keySet());
			map.forEach((name, value) -> assertSame(value, ((Map<?, ?>) actual).get(name)));
		}
		else if (expected instanceof List<?> list) {
			assertThat((List<?>) actual).hasSameSizeAs(list);
			for (int i = 0; i < list.size(); i++) {
				assertSame(list.get(i), ((List<?>) actual).get(i));
			}
		}
		else if (expected instanceof BigDecimal number && actual instanceof String text) {
			assertThat(new BigDecimal(text)).isEqualByComparingTo(number);
		}
		else {
			assertThat(actual).isEqualTo(expected);
		}
	}

	private static Signal signal(String message) {
		return Signal.builder(Level.INFO, Kind.LOG, "ns").message(message).data(Map.of("n", 10)).build();
	}

}
