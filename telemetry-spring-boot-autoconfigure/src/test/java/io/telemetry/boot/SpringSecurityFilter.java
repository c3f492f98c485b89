package io.telemetry.boot;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.autoconfigure.AutoConfigurationImportFilter;
import org.springframework.boot.autoconfigure.AutoConfigurationMetadata;
import org.springframework.context.EnvironmentAware;
import org.springframework.core.env.Environment;

/**
 * Keeps Spring Security from protecting every application of the tests only because it is
 * on their classpath. An application that wants it sets {@value #PROPERTY}.
 */
public final class SpringSecurityFilter implements AutoConfigurationImportFilter, EnvironmentAware {

	/** What an application sets to {@code true} that is to have Spring Security. */
	public static final String PROPERTY = "test.spring-security";

	private boolean wanted;

	@Override
	public void setEnvironment(Environment environment) {
		this.wanted = environment.getProperty(PROPERTY, Boolean.class, false);
	}

	@Override
	public boolean[] match(@Nullable String[] autoConfigurations, AutoConfigurationMetadata metadata) {
		boolean[] kept = new boolean[autoConfigurations.length];
		for (int i = 0; i < kept.length; i++) {
			String name = autoConfigurations[i];
			kept[i] = this.wanted || name == null || !name.startsWith("org.springframework.boot.security.");
		}
		return kept;
	}

}
