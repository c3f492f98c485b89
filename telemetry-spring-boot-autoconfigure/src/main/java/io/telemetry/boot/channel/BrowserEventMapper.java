package io.telemetry.boot.channel;

import org.jspecify.annotations.Nullable;

/**
 * Refines the signals that browser events become: another level for a certain page, an id
 * for an event of the application's own, a field that the server knows. A bean of the
 * type is picked up; several work one after the other in their order.
 * <p>
 * Called on threads of the channel, for several events at once, for every event that was
 * not rejected, and before filters. One that throws is passed over for that event, which
 * is counted and told of as {@code channel/processing-error}.
 */
@FunctionalInterface
public interface BrowserEventMapper {

	/**
	 * Refines the signal of one event.
	 * @param signal what the event becomes by itself, or by the mappers before
	 * @param event the event; its texts come from outside and are to be trusted with
	 * nothing
	 * @return what it becomes, or {@code null} to leave it out, which is counted
	 */
	@Nullable BrowserSignal map(BrowserSignal signal, BrowserEvent event);

}
