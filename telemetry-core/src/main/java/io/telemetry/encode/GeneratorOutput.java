package io.telemetry.encode;

import java.math.BigDecimal;
import java.math.BigInteger;

import tools.jackson.core.JsonGenerator;

/**
 * A format that a generator of Jackson writes.
 */
final class GeneratorOutput extends Output {

	private final JsonGenerator generator;

	private final ByteArrayOutput bytes;

	/**
	 * An output of a generator.
	 * @param generator writes into the bytes
	 * @param bytes what was written
	 */
	GeneratorOutput(JsonGenerator generator, ByteArrayOutput bytes) {
		this.generator = generator;
		this.bytes = bytes;
	}

	@Override
	void reset() {
		this.bytes.reset();
	}

	@Override
	ByteArrayOutput bytes() {
		this.generator.flush();
		return this.bytes;
	}

	@Override
	int size() {
		return this.bytes.size();
	}

	@Override
	void startObject() {
		this.generator.writeStartObject();
	}

	@Override
	void endObject() {
		this.generator.writeEndObject();
	}

	@Override
	void startArray() {
		this.generator.writeStartArray();
	}

	@Override
	void endArray() {
		this.generator.writeEndArray();
	}

	@Override
	void name(Name name) {
		this.generator.writeName(name.text());
	}

	@Override
	void name(String name) {
		this.generator.writeName(name);
	}

	@Override
	void text(String text) {
		this.generator.writeString(Values.withoutLoneSurrogates(text));
	}

	@Override
	void number(long number) {
		this.generator.writeNumber(number);
	}

	@Override
	void number(double number) {
		this.generator.writeNumber(number);
	}

	@Override
	void number(float number) {
		this.generator.writeNumber(number);
	}

	@Override
	void number(BigInteger number) {
		this.generator.writeNumber(number);
	}

	@Override
	void number(BigDecimal number) {
		this.generator.writeNumber(number);
	}

	@Override
	void truth(boolean truth) {
		this.generator.writeBoolean(truth);
	}

	@Override
	void nothing() {
		this.generator.writeNull();
	}

}
