package io.telemetry.filter;

/**
 * Why a signal would not pass.
 *
 * @param step the step that refuses it, the first one that does
 * @param detail the rule that decides, as a sentence for people
 */
public record Refusal(Step step, String detail) {

	/**
	 * A step that may refuse a signal, in the order in which they are asked.
	 */
	public enum Step {

		/** Everything is switched off. */
		DISABLED("disabled"),

		/** The kind is not wanted. */
		KIND("kind"),

		/** The namespace is not wanted. */
		NS("ns"),

		/** The level is below the minimum in force. */
		LEVEL("min-level"),

		/** The id is not wanted. */
		ID("id"),

		/** The predicate is false, whatever the signal's data. */
		WHEN("when"),

		/** Only a share of such signals is let through. */
		SAMPLED("sampled");

		private final String text;

		Step(String text) {
			this.text = text;
		}

		/**
		 * The name in lower case with hyphens, as properties and JSON write it.
		 */
		@Override
		public String toString() {
			return this.text;
		}

	}

}
