package io.telemetry.boot.autoconfigure.browser;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import io.telemetry.boot.InvalidSettingException;
import io.telemetry.boot.InvalidTelemetryConfigurationException;
import io.telemetry.boot.browser.BrowserSettings;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.util.unit.DataSize;

/**
 * Properties of the browser client.
 */
@ConfigurationProperties(BrowserProperties.PREFIX)
public class BrowserProperties {

	static final String PREFIX = "telemetry.browser";

	/**
	 * Whether browser clients collect anything. Clients that are there ask and then rest.
	 */
	private boolean enabled = true;

	/**
	 * Shares of events that clients send, by subtype, from 0 to 1. The key default stands
	 * for all others.
	 */
	private Map<String, Double> sampling = new LinkedHashMap<>();

	private final Session session = new Session();

	private final Collect collect = new Collect();

	/**
	 * Parts of messages. Errors and logs whose message contains one of them are left out
	 * and counted as noise, beside those that a page itself asks to ignore.
	 */
	private List<String> ignore = new ArrayList<>();

	private final Buffer buffer = new Buffer();

	private final Privacy privacy = new Privacy();

	private final Trace trace = new Trace();

	public boolean isEnabled() {
		return this.enabled;
	}

	public void setEnabled(boolean enabled) {
		this.enabled = enabled;
	}

	public Map<String, Double> getSampling() {
		return this.sampling;
	}

	public void setSampling(Map<String, Double> sampling) {
		this.sampling = sampling;
	}

	public Session getSession() {
		return this.session;
	}

	public Collect getCollect() {
		return this.collect;
	}

	public List<String> getIgnore() {
		return this.ignore;
	}

	public void setIgnore(List<String> ignore) {
		this.ignore = ignore;
	}

	public Buffer getBuffer() {
		return this.buffer;
	}

	public Privacy getPrivacy() {
		return this.privacy;
	}

	public Trace getTrace() {
		return this.trace;
	}

	/**
	 * The settings that these properties make.
	 * @return the settings
	 * @throws InvalidTelemetryConfigurationException if a value makes no sense
	 */
	BrowserSettings toSettings(boolean telemetryEnabled) {
		Map<String, Double> rates = new LinkedHashMap<>(BrowserSettings.DEFAULT_SAMPLING);
		rates.putAll(this.sampling);
		try {
			return new BrowserSettings(this.enabled && telemetryEnabled, rates,
					new BrowserSettings.Session(this.session.getRate(), this.session.getIdle()),
					new BrowserSettings.Collect(this.collect.isErrors(), this.collect.isConsole(),
							this.collect.isNetwork(), this.collect.isPerformance(), this.collect.isInteractions(),
							this.collect.isNavigation(), this.collect.isScroll(), this.collect.isMouse(),
							this.collect.isAttribution(), this.collect.isBots()),
					this.ignore,
					new BrowserSettings.Buffer(this.buffer.getEvents(), this.buffer.getFlush(),
							(int) Math.min(Integer.MAX_VALUE, this.buffer.getBytes().toBytes()),
							this.buffer.getStored()),
					new BrowserSettings.Privacy(this.privacy.isRequireConsent(), this.privacy.isRespectGpc(),
							this.privacy.isRespectDnt(), this.privacy.getRemove(), this.privacy.getQuery(),
							this.privacy.isFragment()),
					this.trace.getOrigins());
		}
		catch (InvalidSettingException ex) {
			throw invalid(ex.setting(), ex.value(), ex.reason());
		}
	}

	private static InvalidTelemetryConfigurationException invalid(String setting, Object value, String reason) {
		return new InvalidTelemetryConfigurationException(PREFIX + "." + setting, value, "the value " + reason,
				"Set it to such a value, or leave it out for the default");
	}

	/**
	 * Whole sessions.
	 */
	public static class Session {

		/**
		 * Share of sessions that are collected at all, from 0 to 1.
		 */
		private double rate = 1;

		/**
		 * Time without activity after which a session ends.
		 */
		private Duration idle = Duration.ofMinutes(30);

		public double getRate() {
			return this.rate;
		}

		public void setRate(double rate) {
			this.rate = rate;
		}

		public Duration getIdle() {
			return this.idle;
		}

		public void setIdle(Duration idle) {
			this.idle = idle;
		}

	}

	/**
	 * What is collected of its own accord.
	 */
	public static class Collect {

		/**
		 * Whether uncaught errors and rejections are collected.
		 */
		private boolean errors = true;

		/**
		 * Whether warnings and errors on the console are collected.
		 */
		private boolean console = true;

		/**
		 * Whether requests of the page are collected.
		 */
		private boolean network = true;

		/**
		 * Whether load times and web vitals are collected.
		 */
		private boolean performance = true;

		/**
		 * Whether clicks and the like are collected.
		 */
		private boolean interactions = true;

		/**
		 * Whether changes of the page are collected.
		 */
		private boolean navigation = true;

		/**
		 * Whether it is collected how far down a page is seen.
		 */
		private boolean scroll;

		/**
		 * Whether it is collected where in a page the pointer is.
		 */
		private boolean mouse;

		/**
		 * Whether web vitals tell which element and which file are behind them.
		 */
		private boolean attribution;

		/**
		 * Whether known crawlers are collected like everybody else.
		 */
		private boolean bots;

		public boolean isErrors() {
			return this.errors;
		}

		public void setErrors(boolean errors) {
			this.errors = errors;
		}

		public boolean isConsole() {
			return this.console;
		}

		public void setConsole(boolean console) {
			this.console = console;
		}

		public boolean isNetwork() {
			return this.network;
		}

		public void setNetwork(boolean network) {
			this.network = network;
		}

		public boolean isPerformance() {
			return this.performance;
		}

		public void setPerformance(boolean performance) {
			this.performance = performance;
		}

		public boolean isInteractions() {
			return this.interactions;
		}

		public void setInteractions(boolean interactions) {
			this.interactions = interactions;
		}

		public boolean isNavigation() {
			return this.navigation;
		}

		public void setNavigation(boolean navigation) {
			this.navigation = navigation;
		}

		public boolean isScroll() {
			return this.scroll;
		}

		public void setScroll(boolean scroll) {
			this.scroll = scroll;
		}

		public boolean isMouse() {
			return this.mouse;
		}

		public void setMouse(boolean mouse) {
			this.mouse = mouse;
		}

		public boolean isAttribution() {
			return this.attribution;
		}

		public void setAttribution(boolean attribution) {
			this.attribution = attribution;
		}

		public boolean isBots() {
			return this.bots;
		}

		public void setBots(boolean bots) {
			this.bots = bots;
		}

	}

	/**
	 * When batches are sent and what is kept until then.
	 */
	public static class Buffer {

		/**
		 * Number of events after which a batch is sent.
		 */
		private int events = 100;

		/**
		 * Time after which a batch is sent, however few events there are.
		 */
		private Duration flush = Duration.ofSeconds(5);

		/**
		 * Size of a batch. Browsers give pages that go away 64 KB for what they still
		 * send.
		 */
		private DataSize bytes = DataSize.ofBytes(60_000);

		/**
		 * Number of events that are kept while there is no connection, the least
		 * important making room.
		 */
		private int stored = 1000;

		public int getEvents() {
			return this.events;
		}

		public void setEvents(int events) {
			this.events = events;
		}

		public Duration getFlush() {
			return this.flush;
		}

		public void setFlush(Duration flush) {
			this.flush = flush;
		}

		public DataSize getBytes() {
			return this.bytes;
		}

		public void setBytes(DataSize bytes) {
			this.bytes = bytes;
		}

		public int getStored() {
			return this.stored;
		}

		public void setStored(int stored) {
			this.stored = stored;
		}

	}

	/**
	 * What must not leave the page.
	 */
	public static class Privacy {

		/**
		 * Whether nothing is sent, and nothing kept on the visitor's device, before the
		 * page has called setConsent(true).
		 */
		private boolean requireConsent;

		/**
		 * Whether Global Privacy Control counts as a refusal: nothing is collected.
		 */
		private boolean respectGpc;

		/**
		 * Whether Do Not Track counts as a refusal: nothing is collected.
		 */
		private boolean respectDnt;

		/**
		 * Names of fields that are removed from events beside passwords, tokens and the
		 * like, whatever their case, also where a longer name ends so.
		 */
		private List<String> remove = new ArrayList<>();

		/**
		 * Names of query parameters that stay in addresses. All others are cut off.
		 */
		private List<String> query = new ArrayList<>();

		/**
		 * Whether the fragment, the part after the hash sign, stays in addresses.
		 */
		private boolean fragment;

		public boolean isRequireConsent() {
			return this.requireConsent;
		}

		public void setRequireConsent(boolean requireConsent) {
			this.requireConsent = requireConsent;
		}

		public boolean isRespectGpc() {
			return this.respectGpc;
		}

		public void setRespectGpc(boolean respectGpc) {
			this.respectGpc = respectGpc;
		}

		public boolean isRespectDnt() {
			return this.respectDnt;
		}

		public void setRespectDnt(boolean respectDnt) {
			this.respectDnt = respectDnt;
		}

		public List<String> getRemove() {
			return this.remove;
		}

		public void setRemove(List<String> remove) {
			this.remove = remove;
		}

		public List<String> getQuery() {
			return this.query;
		}

		public void setQuery(List<String> query) {
			this.query = query;
		}

		public boolean isFragment() {
			return this.fragment;
		}

		public void setFragment(boolean fragment) {
			this.fragment = fragment;
		}

	}

	/**
	 * Traces that begin in the browser.
	 */
	public static class Trace {

		/**
		 * Origins beside the page's own whose requests carry a traceparent header.
		 */
		private List<String> origins = new ArrayList<>();

		public List<String> getOrigins() {
			return this.origins;
		}

		public void setOrigins(List<String> origins) {
			this.origins = origins;
		}

	}

}
