package io.telemetry.context;

/**
 * What contexts could not do, counted for the whole process since it began.
 *
 * @param fieldsDropped fields that were not added because a context had
 * {@link SignalContext#MAX_FIELDS}
 * @param scopesDropped scopes that were opened without effect because a thread had
 * {@link SignalContext#MAX_SCOPES} open
 * @param mirrorErrors calls of the mirror that threw
 */
public record ContextStats(long fieldsDropped, long scopesDropped, long mirrorErrors) {

}
