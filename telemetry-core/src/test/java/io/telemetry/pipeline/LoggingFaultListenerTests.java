package io.telemetry.pipeline;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

import com.sun.management.ThreadMXBean;
import io.telemetry.handler.HandlerFault;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

class LoggingFaultListenerTests {

	private final Logger logger = Logger.getLogger("io.telemetry.handlers");

	private final List<LogRecord> records = new CopyOnWriteArrayList<>();

	private final Handler recorder = new Handler() {

		@Override
		public void publish(LogRecord record) {
			LoggingFaultListenerTests.this.records.add(record);
		}

		@Override
		public void flush() {
		}

		@Override
		public void close() {
		}

	};

	private final LoggingFaultListener listener = new LoggingFaultListener(Duration.ofDays(1));

	@BeforeEach
	void record() {
		this.logger.addHandler(this.recorder);
		this.logger.setUseParentHandlers(false);
	}

	@AfterEach
	void stopRecording() {
		this.logger.removeHandler(this.recorder);
		this.logger.setUseParentHandlers(true);
	}

	@Test
	void firstOfEachHandlerAndTypeIsToldWhole() {
		for (int i = 0; i < 3; i++) {
			this.listener.onFault(fault("mail", HandlerFault.Type.HANDLE));
			this.listener.onFault(fault("mail", HandlerFault.Type.FLUSH));
			this.listener.onFault(fault("file", HandlerFault.Type.HANDLE));
			this.listener.onFault(fault(null, HandlerFault.Type.HANDLE));
		}
		String tail = " 2 signal(s); further occurrences are counted and reported once every 86400 s";
		assertThat(this.records).extracting(LogRecord::getMessage)
			.containsExactly("Telemetry handler 'mail' failed to handle" + tail,
					"Telemetry handler 'mail' failed to flush" + tail,
					"Telemetry handler 'file' failed to handle" + tail, "Telemetry pipeline failed to handle" + tail);
		assertThat(this.records).extracting(LogRecord::getThrown).hasOnlyElementsOfType(IOException.class);
	}

	@Test
	void faultThatIsHeldBackAllocatesNothing() {
		ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
		assumeThat(threads.isThreadAllocatedMemorySupported() && threads.isThreadAllocatedMemoryEnabled()).isTrue();
		HandlerFault fault = fault("mail", HandlerFault.Type.OVERFLOW);
		this.listener.onFault(fault);
		long before = threads.getCurrentThreadAllocatedBytes();
		for (int i = 0; i < 100_000; i++) {
			this.listener.onFault(fault);
		}
		long allocated = threads.getCurrentThreadAllocatedBytes() - before;
		assertThat(this.records).hasSize(1);
		// Room for what the measurement itself takes, far below a byte each time.
		assertThat(allocated).isLessThan(10_000);
	}

	private static HandlerFault fault(String handler, HandlerFault.Type type) {
		return new HandlerFault(handler, type, 2, null, new IOException("gone"));
	}

}
