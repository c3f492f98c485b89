package io.telemetry.boot.intake;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Puts together lines of what is printed piece by piece, by whatever threads: as the
 * console shows it. Blank lines are left out. Safe for several threads.
 */
final class LineAssembler {

	private final ReentrantLock lock = new ReentrantLock();

	private final StringBuilder pending = new StringBuilder();

	private final int maxLength;

	/**
	 * An assembler.
	 * @param maxLength characters of a line; what is longer becomes several
	 */
	LineAssembler(int maxLength) {
		this.maxLength = maxLength;
	}

	/**
	 * Adds a piece.
	 * @param text what was printed
	 * @param ended whether the line ends after it
	 * @return the lines that are whole now
	 */
	List<String> add(String text, boolean ended) {
		this.lock.lock();
		try {
			if (ended && this.pending.isEmpty() && text.length() <= this.maxLength && !breaksLine(text)) {
				return text.isBlank() ? List.of() : List.of(text);
			}
			List<String> lines = new ArrayList<>();
			for (int i = 0; i < text.length(); i++) {
				char character = text.charAt(i);
				if (character == '\n') {
					end(lines);
				}
				else {
					if (this.pending.length() >= this.maxLength && !Character.isLowSurrogate(character)) {
						end(lines);
					}
					this.pending.append(character);
				}
			}
			if (ended) {
				end(lines);
			}
			return lines;
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * Ends the line that is begun.
	 * @return that line, if there is one
	 */
	List<String> end() {
		return add("", true);
	}

	private static boolean breaksLine(String text) {
		return text.indexOf('\n') >= 0 || text.indexOf('\r') >= 0;
	}

	private void end(List<String> lines) {
		int length = this.pending.length();
		if (length > 0 && this.pending.charAt(length - 1) == '\r') {
			this.pending.setLength(length - 1);
		}
		String line = this.pending.toString();
		this.pending.setLength(0);
		if (!line.isBlank()) {
			lines.add(line);
		}
	}

}
