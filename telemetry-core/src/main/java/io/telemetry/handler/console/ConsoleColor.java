package io.telemetry.handler.console;

import java.io.Console;
import java.lang.reflect.InvocationTargetException;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

import org.jspecify.annotations.Nullable;

/**
 * Whether what is written to a console is in colour, where its form has colours.
 */
public enum ConsoleColor {

	/**
	 * In colour where somebody is likely to see it: input and output are a terminal that
	 * shows colours, and {@code NO_COLOR} is not set.
	 */
	AUTO,

	/** In colour, wherever it goes. */
	ALWAYS,

	/** Without colour. */
	NEVER;

	/**
	 * Whether this process is to write in colour.
	 * @return {@code true} for colours
	 */
	public boolean isOn() {
		return isOn(System::getenv, ConsoleColor::isTerminal);
	}

	/**
	 * Whether a process is to write in colour.
	 * @param environment the environment's variables; {@code NO_COLOR} (see
	 * no-color.org), {@code TERM} and {@code WT_SESSION} are asked for
	 * @param terminal whether there is a terminal; asked last
	 * @return {@code true} for colours
	 */
	public boolean isOn(Function<String, @Nullable String> environment, BooleanSupplier terminal) {
		return switch (this) {
			case ALWAYS -> true;
			case NEVER -> false;
			case AUTO -> !isUnwanted(environment) && showsColors(environment) && terminal.getAsBoolean();
		};
	}

	/**
	 * Whether the user asks all programs for output without colours.
	 * @param environment the environment's variables
	 * @return whether {@code NO_COLOR} is set and not empty
	 */
	public static boolean isUnwanted(Function<String, @Nullable String> environment) {
		String noColor = environment.apply("NO_COLOR");
		return noColor != null && !noColor.isEmpty();
	}

	private static boolean showsColors(Function<String, @Nullable String> environment) {
		String term = environment.apply("TERM");
		// Windows sets no TERM, and only its newer terminal takes colours from everybody.
		return (term != null) ? !term.equals("dumb") : environment.apply("WT_SESSION") != null;
	}

	/**
	 * Whether input and output of this process are a terminal.
	 * @return {@code true} if they are
	 */
	public static boolean isTerminal() {
		Console console = System.console();
		if (console == null) {
			return false;
		}
		try {
			// Since Java 22 there may be a console that is none.
			return (boolean) Console.class.getMethod("isTerminal").invoke(console);
		}
		catch (NoSuchMethodException ex) {
			return true;
		}
		catch (IllegalAccessException | InvocationTargetException ex) {
			return false;
		}
	}

}
