package io.telemetry.boot.actuate;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.EndpointId;
import org.springframework.boot.actuate.endpoint.InvocationContext;
import org.springframework.boot.actuate.endpoint.OperationType;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.invoke.OperationInvoker;
import org.springframework.boot.actuate.endpoint.invoke.OperationInvokerAdvisor;
import org.springframework.boot.actuate.endpoint.invoke.OperationParameter;
import org.springframework.boot.actuate.endpoint.invoke.OperationParameters;

/**
 * Refuses what a request to one of the telemetry endpoints says in vain.
 * <p>
 * Actuator puts path, body and query into one map, takes from it what the operation's
 * parameters are called, and ignores the rest: a misspelt {@code minLevl} would change
 * nothing and answer 200. And a key of the body that is called like the path's parameter
 * would take its place. The path's parameters here match all remaining segments, which
 * Actuator hands over as an array and nothing else is, so the two can be told apart.
 */
public final class StrictArgumentsAdvisor implements OperationInvokerAdvisor {

	private static final Set<EndpointId> ENDPOINTS = Set.of(EndpointId.of(TelemetryEndpoint.ID),
			EndpointId.of(TelemetryFiltersEndpoint.ID), EndpointId.of(TelemetryExplainEndpoint.ID),
			EndpointId.of(TelemetryHandlersEndpoint.ID), EndpointId.of(TelemetrySignalsEndpoint.ID),
			EndpointId.of(TelemetryChannelEndpoint.ID));

	/**
	 * An advisor.
	 */
	public StrictArgumentsAdvisor() {
	}

	@Override
	public OperationInvoker apply(EndpointId endpointId, OperationType operationType, OperationParameters parameters,
			OperationInvoker invoker) {
		return ENDPOINTS.contains(endpointId) ? new StrictInvoker(parameters, invoker) : invoker;
	}

	private static final class StrictInvoker implements OperationInvoker {

		private final List<String> selectors = new ArrayList<>();

		private final List<String> named = new ArrayList<>();

		private final OperationInvoker invoker;

		StrictInvoker(OperationParameters parameters, OperationInvoker invoker) {
			for (OperationParameter parameter : parameters) {
				boolean selector = parameter.getAnnotation(Selector.class) != null;
				(selector ? this.selectors : this.named).add(parameter.getName());
			}
			this.invoker = invoker;
		}

		@Override
		public @Nullable Object invoke(InvocationContext context) {
			try {
				List<String> unknown = new ArrayList<>();
				context.getArguments().forEach((name, value) -> {
					if (!isKnown(name, value)) {
						unknown.add(name);
					}
				});
				if (!unknown.isEmpty()) {
					throw ProblemException.unknownParameters(unknown, this.named);
				}
				return this.invoker.invoke(context);
			}
			catch (ProblemException ex) {
				return ex.toResponse();
			}
		}

		private boolean isKnown(String name, @Nullable Object value) {
			return this.named.contains(name) || (this.selectors.contains(name) && value instanceof String[]);
		}

	}

}
