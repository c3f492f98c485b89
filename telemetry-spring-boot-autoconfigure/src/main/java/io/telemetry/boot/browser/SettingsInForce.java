package io.telemetry.boot.browser;

import java.util.List;

import tools.jackson.core.JsonGenerator;

/**
 * The settings that one client is to keep to.
 *
 * @param settings the settings
 * @param stay whether the client is to be connected also where it collects nothing,
 * because that is so for the time being only: it is to hear when that ends
 */
public record SettingsInForce(BrowserSettings settings, boolean stay) {

	/**
	 * The same for a client that is to collect nothing, and not to wait for other
	 * settings.
	 * @return a copy
	 */
	SettingsInForce off() {
		return new SettingsInForce(new BrowserSettings(false, this.settings.sampling(), this.settings.session(),
				this.settings.collect(), this.settings.ignore(), this.settings.buffer(), this.settings.privacy(),
				this.settings.traceOrigins()), false);
	}

	/**
	 * Writes them into an object, as clients read them.
	 * @param json stands in the object
	 */
	public void writeTo(JsonGenerator json) {
		json.writeBooleanProperty("enabled", this.settings.enabled());
		if (this.stay) {
			json.writeBooleanProperty("stay", true);
		}
		json.writeObjectPropertyStart("sampling");
		this.settings.sampling().forEach(json::writeNumberProperty);
		json.writeEndObject();
		json.writeObjectPropertyStart("session");
		json.writeNumberProperty("rate", this.settings.session().rate());
		json.writeNumberProperty("idleMs", this.settings.session().idle().toMillis());
		json.writeEndObject();
		writeCollect(json, this.settings.collect());
		writeList(json, "ignore", this.settings.ignore());
		json.writeObjectPropertyStart("buffer");
		json.writeNumberProperty("events", this.settings.buffer().events());
		json.writeNumberProperty("flushMs", this.settings.buffer().flush().toMillis());
		json.writeNumberProperty("bytes", this.settings.buffer().bytes());
		json.writeNumberProperty("stored", this.settings.buffer().stored());
		json.writeEndObject();
		writePrivacy(json, this.settings.privacy());
		json.writeObjectPropertyStart("trace");
		writeList(json, "origins", this.settings.traceOrigins());
		json.writeEndObject();
	}

	private static void writePrivacy(JsonGenerator json, BrowserSettings.Privacy privacy) {
		json.writeObjectPropertyStart("privacy");
		json.writeBooleanProperty("requireConsent", privacy.requireConsent());
		json.writeBooleanProperty("respectGpc", privacy.respectGpc());
		json.writeBooleanProperty("respectDnt", privacy.respectDnt());
		writeList(json, "remove", privacy.remove());
		writeList(json, "query", privacy.query());
		json.writeBooleanProperty("fragment", privacy.fragment());
		json.writeEndObject();
	}

	private static void writeList(JsonGenerator json, String name, List<String> values) {
		json.writeArrayPropertyStart(name);
		values.forEach(json::writeString);
		json.writeEndArray();
	}

	private static void writeCollect(JsonGenerator json, BrowserSettings.Collect collect) {
		json.writeObjectPropertyStart("collect");
		json.writeBooleanProperty("errors", collect.errors());
		json.writeBooleanProperty("console", collect.console());
		json.writeBooleanProperty("network", collect.network());
		json.writeBooleanProperty("performance", collect.performance());
		json.writeBooleanProperty("interactions", collect.interactions());
		json.writeBooleanProperty("navigation", collect.navigation());
		json.writeBooleanProperty("scroll", collect.scroll());
		json.writeBooleanProperty("mouse", collect.mouse());
		json.writeBooleanProperty("attribution", collect.attribution());
		json.writeBooleanProperty("bots", collect.bots());
		json.writeEndObject();
	}

}
