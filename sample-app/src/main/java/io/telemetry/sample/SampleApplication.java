package io.telemetry.sample;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/**
 * A small shop that shows what the telemetry starter does.
 */
@SpringBootApplication
public class SampleApplication {

	/**
	 * Starts the shop.
	 * @param args Spring Boot's arguments
	 */
	public static void main(String[] args) {
		SpringApplication.run(SampleApplication.class, args);
	}

}
