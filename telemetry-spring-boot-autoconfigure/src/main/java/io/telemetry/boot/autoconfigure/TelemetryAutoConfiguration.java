package io.telemetry.boot.autoconfigure;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;

import io.telemetry.Telemetry;
import io.telemetry.boot.TelemetryCustomizer;
import io.telemetry.boot.startup.GlobalTelemetry;
import io.telemetry.context.ContextSource;
import io.telemetry.context.Tracing;
import io.telemetry.filter.FilterSettings;
import io.telemetry.filter.SignalPredicate;
import io.telemetry.handler.HandlerFaultListener;
import io.telemetry.metric.MeterSink;
import io.telemetry.pipeline.PipelineSettings;
import io.telemetry.pipeline.SignalPipeline;
import io.telemetry.signal.ServiceIdentity;
import io.telemetry.transform.SignalTransform;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.BeanFactoryInitializer;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.boot.autoconfigure.condition.SearchStrategy;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.info.BuildProperties;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.ImportRuntimeHints;
import org.springframework.context.annotation.Role;
import org.springframework.context.annotation.Scope;
import org.springframework.core.env.Environment;
import org.springframework.util.StringUtils;

/**
 * Auto-configuration of the {@link SignalPipeline} and of the {@link Telemetry} that is
 * injected.
 */
@AutoConfiguration
@EnableConfigurationProperties({ TelemetryProperties.class, TelemetryFilterProperties.class })
@ImportRuntimeHints(TelemetryRuntimeHints.class)
public final class TelemetryAutoConfiguration {

	private static final String NAMELESS_APPLICATION = "application";

	@Bean
	@ConditionalOnMissingBean
	ServiceIdentity telemetryServiceIdentity(TelemetryProperties properties, Environment environment,
			ObjectProvider<BuildProperties> buildProperties) {
		return serviceIdentity(properties.getService(), environment, buildProperties.getIfAvailable());
	}

	/**
	 * What there may be several of comes as lists and not as providers: so Spring knows
	 * that the pipeline uses it, and what it uses, and closes the pipeline first. Of what
	 * there can be only one, two without a primary one stop the start.
	 */
	@Bean(destroyMethod = "close")
	@ConditionalOnMissingBean
	SignalPipeline signalPipeline(TelemetryProperties properties, TelemetryFilterProperties filterProperties,
			ServiceIdentity service, ObjectProvider<HandlerFaultListener> faultListener,
			ObjectProvider<Tracing> tracing, ObjectProvider<MeterSink> meters, List<ContextSource> contextSources,
			List<SignalPredicate> predicates, List<SignalTransform> transforms, List<TelemetryCustomizer> customizers) {
		PipelineSettings settings = FilterPropertyMapper.settings(properties, filterProperties)
			.withTransforms(transforms);
		FilterSettings filter = settings.filter();
		settings = settings
			.withFilter(filter.withWhen(predicates.stream().reduce(filter.when(), SignalPredicate::and)));
		SignalPipeline.Builder builder = SignalPipeline.builder().service(service).settings(settings);
		faultListener.ifUnique(builder::faultListener);
		tracing.ifAvailable(builder::tracing);
		meters.ifAvailable(builder::meters);
		contextSources.forEach(builder::contextSource);
		if (properties.isEnabled()) {
			customizers.forEach((customizer) -> customizer.customize(builder));
		}
		return builder.build();
	}

	private static ServiceIdentity serviceIdentity(TelemetryProperties.Service service, Environment environment,
			@Nullable BuildProperties buildProperties) {
		String name = service.getName();
		if (!StringUtils.hasText(name)) {
			name = environment.getProperty("spring.application.name");
		}
		String version = service.getVersion();
		if (!StringUtils.hasText(version) && buildProperties != null) {
			version = buildProperties.getVersion();
		}
		return new ServiceIdentity(StringUtils.hasText(name) ? name : NAMELESS_APPLICATION, version,
				service.getEnvironment(), service.getInstance(), service.getRegion(), host());
	}

	private static @Nullable String host() {
		// Asked first, because a name server that is slow would hold up the start.
		String host = System.getenv("HOSTNAME");
		if (!StringUtils.hasText(host)) {
			host = System.getenv("COMPUTERNAME");
		}
		if (StringUtils.hasText(host)) {
			return host;
		}
		try {
			return InetAddress.getLocalHost().getHostName();
		}
		catch (UnknownHostException ex) {
			return null;
		}
	}

	@Bean
	@Scope(BeanDefinition.SCOPE_PROTOTYPE)
	@ConditionalOnMissingBean
	Telemetry telemetry(SignalPipeline pipeline, ApplicationContext context) {
		Class<?> injectedInto = TelemetryInjectionPoint.currentClass(context.getAutowireCapableBeanFactory());
		if (injectedInto != null) {
			return new Telemetry(pipeline, injectedInto.getName());
		}
		String application = pipeline.service().name();
		return new Telemetry(pipeline, (application != null) ? application : NAMELESS_APPLICATION);
	}

	/**
	 * Not for a pipeline of a parent context, which that context installs and takes back.
	 * Also for one that is switched off: what nobody wants is not to be kept for later.
	 */
	@Bean(initMethod = "install", destroyMethod = "uninstall")
	@ConditionalOnMissingBean(search = SearchStrategy.CURRENT)
	@ConditionalOnSingleCandidate(value = SignalPipeline.class, search = SearchStrategy.CURRENT)
	GlobalTelemetry globalTelemetry(SignalPipeline pipeline) {
		return new GlobalTelemetry(pipeline);
	}

	/**
	 * Makes the pipeline before other beans, also where beans are made lazily. Beans are
	 * destroyed in the reverse order, so that it is still there for signals that other
	 * beans make while they are destroyed, however they came by their {@link Telemetry}:
	 * a static one is given to no bean at all. And wrong properties stop the start.
	 */
	@Bean
	@Role(BeanDefinition.ROLE_INFRASTRUCTURE)
	static BeanFactoryInitializer<ListableBeanFactory> telemetryPipelineInitializer() {
		return (beanFactory) -> {
			beanFactory.getBeanProvider(SignalPipeline.class).getIfUnique();
			beanFactory.getBeanProvider(GlobalTelemetry.class).getIfUnique();
		};
	}

}
