package io.telemetry.boot;

/**
 * A setting of a feature that makes no sense. The feature does not know the prefix of its
 * properties; whoever binds them adds it.
 */
public final class InvalidSettingException extends IllegalArgumentException {

	private static final long serialVersionUID = 1L;

	private final String setting;

	private final String value;

	private final String reason;

	/**
	 * A setting that makes no sense.
	 * @param setting its name as properties write it, without their prefix
	 * @param value what it was set to
	 * @param reason what it has to be, a phrase that begins with "must"
	 */
	public InvalidSettingException(String setting, Object value, String reason) {
		super(setting + " " + reason + ", but is '" + value + "'");
		this.setting = setting;
		this.value = value.toString();
		this.reason = reason;
	}

	/**
	 * Which setting.
	 * @return its name as properties write it, without their prefix
	 */
	public String setting() {
		return this.setting;
	}

	/**
	 * What it was set to.
	 * @return the value as text
	 */
	public String value() {
		return this.value;
	}

	/**
	 * What it has to be.
	 * @return a phrase that begins with "must"
	 */
	public String reason() {
		return this.reason;
	}

}
