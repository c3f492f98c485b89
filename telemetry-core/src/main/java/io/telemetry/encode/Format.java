package io.telemetry.encode;

import java.util.Locale;

import org.jspecify.annotations.Nullable;

/**
 * The forms that signals can be written in without code of one's own.
 */
public enum Format {

	/** One line of JSON: {@link JsonSignalEncoder}. */
	JSON(null),

	/** One line of JSON in the Elastic Common Schema: {@link EcsSignalEncoder}. */
	ECS(null),

	/** One line of {@code name=value}: {@link LogfmtSignalEncoder}. */
	LOGFMT(null),

	/** One line of EDN: {@link EdnSignalEncoder}. */
	EDN(null),

	/** One line of Transit: {@link TransitSignalEncoder}. */
	TRANSIT("com.cognitect:transit-java"),

	/** Lines for people: {@link PrettySignalEncoder}. */
	PRETTY(null),

	/** Binary: {@link CborSignalEncoder}. */
	CBOR("tools.jackson.dataformat:jackson-dataformat-cbor"),

	/** Binary: {@link MsgpackSignalEncoder}. */
	MSGPACK("org.msgpack:msgpack-core");

	private final String text = name().toLowerCase(Locale.ROOT);

	private final @Nullable String dependency;

	Format(@Nullable String dependency) {
		this.dependency = dependency;
	}

	/**
	 * The library that the format needs and that does not come by itself.
	 * @return the dependency as {@code group:artifact}, or {@code null} if it needs none
	 */
	public @Nullable String dependency() {
		return this.dependency;
	}

	/**
	 * Whether what the format needs is there.
	 * @return {@code false} if {@link #newEncoder()} would throw
	 */
	public boolean isAvailable() {
		try {
			newEncoder();
			return true;
		}
		catch (IllegalStateException ex) {
			return false;
		}
	}

	/**
	 * Makes an encoder of this format.
	 * @return a new encoder
	 * @throws IllegalStateException if the library that the format needs is missing; the
	 * message names the dependency to add
	 */
	public SignalEncoder newEncoder() {
		try {
			// A case is linked when it is first taken, so what it needs may be missing.
			return switch (this) {
				case JSON -> new JsonSignalEncoder();
				case ECS -> new EcsSignalEncoder();
				case LOGFMT -> new LogfmtSignalEncoder();
				case EDN -> new EdnSignalEncoder();
				case TRANSIT -> new TransitSignalEncoder();
				case PRETTY -> new PrettySignalEncoder();
				case CBOR -> new CborSignalEncoder();
				case MSGPACK -> new MsgpackSignalEncoder();
			};
		}
		catch (NoClassDefFoundError ex) {
			throw new IllegalStateException("the format '" + this + "' needs a library that is missing: add '"
					+ this.dependency + "' to the dependencies", ex);
		}
	}

	/**
	 * The name in lower case, as properties have it.
	 */
	@Override
	public String toString() {
		return this.text;
	}

}
