package io.telemetry.boot.channel;

import java.net.http.HttpResponse;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.interfaces.RSAPublicKey;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import io.telemetry.boot.channel.caller.Application;
import io.telemetry.boot.channel.caller.Tickets;
import io.telemetry.boot.channel.caller.TokenRejectedException;
import io.telemetry.boot.channel.caller.TokenVerifier;
import io.telemetry.boot.channel.caller.UserIdResolver;
import io.telemetry.boot.channel.caller.VerifiedToken;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.oauth2.jwt.JwtDecoder;
import org.springframework.security.oauth2.jwt.NimbusJwtDecoder;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * How clients prove who they are, on a real Tomcat.
 */
class ChannelIdentityTests {

	private static final String SECRET = "0123456789abcdef0123456789abcdef";

	private static final String[] PROPERTIES = { "telemetry.channel.ticket.secret=" + SECRET,
			"telemetry.channel.applications.shop.key=shop-key-1",
			"telemetry.channel.applications.desk.key=desk-key-1" };

	private static final Pattern TICKET = Pattern.compile("\\{\"ticket\":\"([^\"]+)\",\"expiresAt\":(\\d+)}");

	private static ChannelServer server;

	private static int batches;

	@BeforeAll
	static void start() {
		server = ChannelServer.start(List.of(Verifier.class), PROPERTIES);
	}

	@AfterAll
	static void stop() {
		server.close();
	}

	@BeforeEach
	void forget() {
		server.signals().clear();
	}

	private static Tickets tickets(String secret, InstantSource clock) {
		return new Tickets(secret, Duration.ofSeconds(60), clock);
	}

	/**
	 * The user of a connection, as its CONNECTED tells.
	 */
	private static String connectedAs(ChannelServer server, String path, String... headers) throws Exception {
		try (StompProbe probe = server.visitor().connect(path, headers)) {
			return probe.awaitFrame("CONNECTED").replaceAll("(?s).*\nuser-id:([^\n]*)\n.*", "$1");
		}
	}

	/**
	 * The user of a posted batch, as its signal tells; the status where it is refused.
	 */
	private static String postedAs(ChannelServer server, String path, String fields, String... headers)
			throws Exception {
		server.signals().clear();
		HttpResponse<String> response = server.visitor()
			.post(path, "{\"batch\":\"b-" + batches++ + "\"," + fields + "\"events\":[{\"type\":\"log\"}]}", headers);
		if (response.statusCode() != 202) {
			assertThat(server.signals().browser()).isEmpty();
			assertThat(response.body()).contains("\"reason\":\"unauthorized\"");
			return Integer.toString(response.statusCode());
		}
		return String.valueOf(server.signals().awaitWithId("browser/log", 1).get(0).data().get("userId"));
	}

	private static String ticket(ChannelServer server, String path, String... headers) throws Exception {
		HttpResponse<String> response = server.visitor().post(path, "", headers);
		assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
		assertThat(response.headers().allValues("Cache-Control")).contains("no-store");
		Matcher matcher = TICKET.matcher(response.body());
		assertThat(matcher.matches()).as(response.body()).isTrue();
		assertThat(Long.parseLong(matcher.group(2))).isBetween(System.currentTimeMillis(),
				System.currentTimeMillis() + 60_000);
		return matcher.group(1);
	}

	@Test
	void bearerTokenIsTheUserOnBothRoads() throws Exception {
		assertThat(connectedAs(server, "/chsk", "Authorization", "Bearer good-ann", "user-id", "root"))
			.isEqualTo("ann");
		assertThat(postedAs(server, "/chsk/batch", "\"user\":{\"id\":\"root\"},", "Authorization", "Bearer good-ann"))
			.isEqualTo("ann");
		assertThat(server.signals().browser().get(0).data()).containsEntry("claimedUserId", "root");
		assertThat(postedAs(server, "/chsk/batch", "", "Authorization", "bearer good-ann")).isEqualTo("ann");
	}

	@Test
	void badTokenIsRefusedAndCounted() throws Exception {
		long before = server.stats().unauthorized().get("bad-token");
		List<String> bad = List.of("Bearer bad", "Bearer expired", "Bearer a b", "Bearer " + "x".repeat(9000));
		for (String header : bad) {
			assertThat(server.visitor().refusal("/chsk", "Authorization", header)).isEqualTo("unauthorized");
			if (header.length() < 4000) {
				assertThat(postedAs(server, "/chsk/batch", "", "Authorization", header)).isEqualTo("401");
			}
			else {
				assertThat(server.visitor().post("/chsk/batch", "{}", "Authorization", header).statusCode()).isIn(400,
						401);
			}
		}
		assertThat(server.stats().unauthorized().get("bad-token")).isGreaterThanOrEqualTo(before + 2L * bad.size() - 1);
	}

	@Test
	void verifierThatFailsLetsNobodyIn() throws Exception {
		assertThat(server.visitor().refusal("/chsk", "Authorization", "Bearer broken")).isEqualTo("unauthorized");
		assertThat(postedAs(server, "/chsk/batch", "", "Authorization", "Bearer broken")).isEqualTo("401");
		assertThat(server.stats().unauthorized().get("failed")).isGreaterThanOrEqualTo(2);
	}

	@Test
	void whatIsNoBearerTokenIsNotLookedAt() throws Exception {
		assertThat(connectedAs(server, "/chsk", "Authorization", "Basic am86c2VjcmV0")).startsWith("anon-");
		assertThat(postedAs(server, "/chsk/batch", "", "Authorization", "Digest x")).startsWith("anon-");
	}

	@Test
	void connectionEndsWithItsToken() throws Exception {
		try (StompProbe probe = server.visitor().connect("/chsk", "Authorization", "Bearer short")) {
			assertThat(probe.awaitClose()).isEqualTo(1008);
			assertThat(probe.closeReason()).isEqualTo("token-expired");
			assertThat(probe.awaitFrame("ERROR")).contains("message:token-expired\n");
		}
	}

	@Test
	void ticketIsGivenForATokenAndIsTheUserOnBothRoads() throws Exception {
		String ticket = ticket(server, "/chsk/ticket", "Authorization", "Bearer good-ann");
		assertThat(connectedAs(server, "/chsk", "ticket", ticket, "user-id", "root")).isEqualTo("ann");
		assertThat(postedAs(server, "/chsk/batch", "\"ticket\":\"" + ticket + "\",")).isEqualTo("ann");
		// As often as wanted, while it is good
		assertThat(connectedAs(server, "/chsk", "ticket", ticket)).isEqualTo("ann");
		// What was proved otherwise is stronger
		assertThat(connectedAs(server, "/chsk", "ticket", ticket, "Authorization", "Bearer good-jo")).isEqualTo("jo");
	}

	@Test
	void ticketWithinABatchMayStandBehindTheEvents() throws Exception {
		String ticket = ticket(server, "/chsk/ticket", "Authorization", "Bearer good-ann");
		assertThat(server.visitor()
			.post("/chsk/batch", "{\"batch\":\"behind\",\"events\":[{\"type\":\"log\"}],\"ticket\":\"" + ticket + "\"}")
			.statusCode()).isEqualTo(202);
		assertThat(server.signals().awaitWithId("browser/log", 1).get(0).data()).containsEntry("userId", "ann");
	}

	@Test
	void nobodyGetsATicketWithoutProof() throws Exception {
		String ticket = ticket(server, "/chsk/ticket", "Authorization", "Bearer good-ann");
		Visitor visitor = server.visitor();
		for (String[] headers : List.of(new String[0], new String[] { "Authorization", "Bearer bad" },
				new String[] { "ticket", ticket }, new String[] { "Authorization", "Bearer " + ticket },
				new String[] { "Cookie", "ticket=" + ticket })) {
			HttpResponse<String> response = visitor.post("/chsk/ticket?ticket=" + ticket,
					"{\"ticket\":\"" + ticket + "\",\"user\":{\"id\":\"ann\"}}", headers);
			assertThat(response.statusCode()).isEqualTo(401);
			assertThat(response.body()).contains("\"reason\":\"unauthorized\"").doesNotContain(ticket);
		}
		assertThat(visitor.get("/chsk/ticket").statusCode()).isEqualTo(405);
	}

	@Test
	void ticketsThatAreNotGoodAreRefusedAndCounted() throws Exception {
		Instant now = Instant.now();
		String good = tickets(SECRET, InstantSource.system()).issue("ann", Application.DEFAULT, null).text();
		assertThat(connectedAs(server, "/chsk", "ticket", good)).isEqualTo("ann");
		String payload = good.substring(0, good.indexOf('.'));
		String signature = good.substring(good.indexOf('.'));
		String root = Base64.getUrlEncoder()
			.withoutPadding()
			.encodeToString(new String(Base64.getUrlDecoder().decode(payload)).replace("ann", "root").getBytes());
		List<String> bad = List.of(
				tickets(SECRET, InstantSource.fixed(now.minusSeconds(61))).issue("ann", Application.DEFAULT, null)
					.text(),
				tickets(SECRET, InstantSource.system()).issue("ann", Application.DEFAULT, now.minusSeconds(1)).text(),
				tickets("another secret, just as long as it", InstantSource.system())
					.issue("ann", Application.DEFAULT, null)
					.text(),
				root + signature, payload, payload + ".", signature, good + "A",
				good.toUpperCase(java.util.Locale.ROOT), "." + good, good + "=", "x", "x".repeat(3000));
		long before = server.stats().unauthorized().get("bad-ticket");
		for (String ticket : bad) {
			assertThat(server.visitor().refusal("/chsk", "ticket", ticket)).as(ticket).isEqualTo("unauthorized");
			assertThat(postedAs(server, "/chsk/batch", "\"ticket\":\"" + ticket + "\",")).as(ticket).isEqualTo("401");
		}
		assertThat(server.stats().unauthorized()).containsEntry("bad-ticket", before + 2L * bad.size());
	}

	@Test
	void ticketIsGoodForTheFrontEndItWasGivenToOnly() throws Exception {
		String ticket = ticket(server, "/chsk/ticket?key=shop-key-1", "Authorization", "Bearer good-ann");
		assertThat(connectedAs(server, "/chsk?key=shop-key-1", "ticket", ticket)).isEqualTo("ann");
		String field = "\"ticket\":\"" + ticket + "\",";
		assertThat(postedAs(server, "/chsk/batch?key=shop-key-1", field)).isEqualTo("ann");
		for (String query : List.of("", "?key=desk-key-1")) {
			assertThat(server.visitor().refusal("/chsk" + query, "ticket", ticket)).isEqualTo("unauthorized");
			assertThat(postedAs(server, "/chsk/batch" + query, field)).isEqualTo("401");
		}
		assertThat(server.stats().unauthorized().get("other-application")).isGreaterThanOrEqualTo(4);
	}

	@Test
	void connectionMadeByATicketEndsWithTheTokenBehindIt() throws Exception {
		String ticket = tickets(SECRET, InstantSource.system())
			.issue("ann", Application.DEFAULT, Instant.now().plusSeconds(2))
			.text();
		try (StompProbe probe = server.visitor().connect("/chsk", "ticket", ticket)) {
			assertThat(probe.awaitClose()).isEqualTo(1008);
			assertThat(probe.closeReason()).isEqualTo("token-expired");
		}
	}

	@Test
	void sessionSurvivesReconnectsAndBindsTheConnection() throws Exception {
		String first;
		try (StompProbe probe = server.visitor().connect("/chsk", "session-id", "survivor")) {
			first = probe.awaitFrame("CONNECTED");
			assertThat(first).contains("session-id:survivor\n");
		}
		try (StompProbe probe = server.visitor().connect("/chsk", "session-id", "survivor")) {
			assertThat(probe.awaitFrame("CONNECTED")).isEqualTo(first);
			probe.batch(Batches.of("another", "bound", "{\"type\":\"log\"}"));
			probe.awaitAcknowledgement();
		}
		assertThat(server.signals().awaitWithId("browser/log", 1).get(0).data()).containsEntry("sessionId", "survivor");
		assertThat(first).doesNotContain("user-id:" + connectedAs(server, "/chsk", "session-id", "survivor-2"));
	}

	@Test
	void whereProofIsRequiredNobodyComesWithout() throws Exception {
		try (ChannelServer server = ChannelServer.start(List.of(Verifier.class), PROPERTIES[0], PROPERTIES[1],
				PROPERTIES[2], "telemetry.channel.authentication.required=true",
				"telemetry.channel.user-id.trust-client=true", "telemetry.channel.user-id.handshake-parameter=user")) {
			assertThat(server.visitor().refusal("/chsk")).isEqualTo("unauthorized");
			assertThat(server.visitor().refusal("/chsk?user=ann", "user-id", "ann")).isEqualTo("unauthorized");
			assertThat(postedAs(server, "/chsk/batch?user=ann", "\"user\":{\"id\":\"ann\"},")).isEqualTo("401");
			assertThat(server.stats().unauthorized()).containsEntry("not-authenticated", 3L);
			String ticket = ticket(server, "/chsk/ticket", "Authorization", "Bearer good-ann");
			assertThat(connectedAs(server, "/chsk", "ticket", ticket)).isEqualTo("ann");
			assertThat(connectedAs(server, "/chsk", "Authorization", "Bearer good-jo")).isEqualTo("jo");
			assertThat(postedAs(server, "/chsk/batch", "\"ticket\":\"" + ticket + "\",")).isEqualTo("ann");
			assertThat(postedAs(server, "/chsk/batch", "", "Authorization", "Bearer good-jo")).isEqualTo("jo");
			assertThat(server.visitor().post("/chsk/ticket?user=ann", "").statusCode()).isEqualTo(401);
		}
	}

	@Test
	void parameterOfTheAddressIsBelievedWhereToldSoAndProvesNothing() throws Exception {
		assertThat(connectedAs(server, "/chsk?user=bob")).startsWith("anon-");
		try (ChannelServer server = ChannelServer.start(List.of(Verifier.class), PROPERTIES[0],
				"telemetry.channel.user-id.handshake-parameter=user")) {
			assertThat(connectedAs(server, "/chsk?user=bob", "user-id", "root")).isEqualTo("bob");
			assertThat(postedAs(server, "/chsk/batch?user=b%C3%B6b", "\"user\":{\"id\":\"root\"},")).isEqualTo("böb");
			assertThat(connectedAs(server, "/chsk?user=bob", "Authorization", "Bearer good-ann")).isEqualTo("ann");
			assertThat(connectedAs(server, "/chsk?other=bob")).startsWith("anon-");
			assertThat(connectedAs(server, "/chsk?user=" + "x".repeat(300))).startsWith("anon-");
			assertThat(server.visitor().post("/chsk/ticket?user=bob", "").statusCode()).isEqualTo(401);
		}
	}

	@Test
	void resolverOfTheApplicationIsStrongerThanEverything() throws Exception {
		try (ChannelServer server = ChannelServer.start(List.of(Verifier.class, Resolver.class, FormLogin.class),
				FormLogin.PROPERTY, PROPERTIES[0], "telemetry.channel.csrf.enabled=false")) {
			Visitor jo = server.visitor().logIn("jo");
			try (StompProbe probe = jo.connect("/chsk?tenant=t1", "user-id", "root")) {
				assertThat(probe.awaitFrame("CONNECTED")).contains("user-id:t1/jo\n");
			}
			assertThat(connectedAs(server, "/chsk?tenant=t1", "Authorization", "Bearer good-ann")).isEqualTo("t1/ann");
			assertThat(postedAs(server, "/chsk/batch?tenant=t1", "", "Authorization", "Bearer good-ann"))
				.isEqualTo("t1/ann");
			// Where it knows nobody, the others are asked
			assertThat(connectedAs(server, "/chsk", "Authorization", "Bearer good-ann")).isEqualTo("ann");
			assertThat(connectedAs(server, "/chsk?tenant=t1")).startsWith("anon-");
			// Where it fails, nobody comes
			assertThat(server.visitor().refusal("/chsk?tenant=broken")).isEqualTo("unauthorized");
			assertThat(postedAs(server, "/chsk/batch?tenant=broken", "")).isEqualTo("401");
			String ticket = ticket(server, "/chsk/ticket?tenant=t1", "Authorization", "Bearer good-ann");
			assertThat(connectedAs(server, "/chsk", "ticket", ticket)).isEqualTo("t1/ann");
		}
	}

	@Test
	void principalGetsATicketForPagesElsewhere() throws Exception {
		try (ChannelServer server = ChannelServer.start(List.of(FormLogin.class), FormLogin.PROPERTY, PROPERTIES[0])) {
			Matcher ticket = TICKET.matcher(server.visitor().logIn("jo").post("/chsk/ticket", "").body());
			assertThat(ticket.matches()).isTrue();
			assertThat(connectedAs(server, "/chsk", "ticket", ticket.group(1))).isEqualTo("jo");
			assertThat(server.visitor().post("/chsk/ticket", "").statusCode()).isEqualTo(401);
		}
	}

	@Test
	void tokensAreVerifiedByTheApplicationsDecoder() throws Exception {
		KeyPair other = KeyPairGenerator.getInstance("RSA").generateKeyPair();
		try (ChannelServer hmac = ChannelServer.start(List.of(HmacDecoder.class), PROPERTIES);
				ChannelServer rsa = ChannelServer.start(List.of(RsaDecoder.class), PROPERTIES)) {
			String byHmac = jwt(JWSAlgorithm.HS256, new MACSigner(HmacDecoder.KEY), "ann", 60);
			String byRsa = jwt(JWSAlgorithm.RS256, new RSASSASigner(RsaDecoder.KEYS.getPrivate()), "ann", 60);
			assertToken(hmac, byHmac, byRsa, jwt(JWSAlgorithm.HS256, new MACSigner(HmacDecoder.KEY), "ann", -600),
					jwt(JWSAlgorithm.HS256, new MACSigner(HmacDecoder.KEY), null, 60),
					jwt(JWSAlgorithm.HS256, new MACSigner("another secret of the right size"), "ann", 60),
					byHmac.substring(0, byHmac.lastIndexOf('.') + 1));
			// Not even with the public key, which everybody knows, as secret
			assertToken(rsa, byRsa, byHmac, jwt(JWSAlgorithm.RS256, new RSASSASigner(other.getPrivate()), "ann", 60),
					jwt(JWSAlgorithm.HS256, new MACSigner(RsaDecoder.KEYS.getPublic().getEncoded()), "ann", 60));
		}
	}

	private static void assertToken(ChannelServer server, String good, String... bad) throws Exception {
		assertThat(connectedAs(server, "/chsk", "Authorization", "Bearer " + good)).isEqualTo("ann");
		assertThat(postedAs(server, "/chsk/batch", "", "Authorization", "Bearer " + good)).isEqualTo("ann");
		assertThat(connectedAs(server, "/chsk", "ticket",
				ticket(server, "/chsk/ticket", "Authorization", "Bearer " + good)))
			.isEqualTo("ann");
		for (String token : bad) {
			assertThat(server.visitor().refusal("/chsk", "Authorization", "Bearer " + token)).isEqualTo("unauthorized");
			assertThat(postedAs(server, "/chsk/batch", "", "Authorization", "Bearer " + token)).isEqualTo("401");
			assertThat(server.visitor().post("/chsk/ticket", "", "Authorization", "Bearer " + token).statusCode())
				.isEqualTo(401);
		}
	}

	private static String jwt(JWSAlgorithm algorithm, JWSSigner signer, String subject, long seconds) throws Exception {
		SignedJWT jwt = new SignedJWT(new JWSHeader(algorithm),
				new JWTClaimsSet.Builder().subject(subject)
					.expirationTime(Date.from(Instant.now().plusSeconds(seconds)))
					.build());
		jwt.sign(signer);
		return jwt.serialize();
	}

	@Configuration(proxyBeanMethods = false)
	static class Verifier {

		@Bean
		TokenVerifier tokenVerifier() {
			return (token) -> {
				if (token.startsWith("good-")) {
					return new VerifiedToken(token.substring(5), null, Map.of("scope", "all"));
				}
				return switch (token) {
					case "short" -> new VerifiedToken("ann", Instant.now().plusSeconds(2), Map.of());
					case "expired" -> new VerifiedToken("ann", Instant.now().minusSeconds(1), Map.of());
					case "broken" -> throw new IllegalStateException("the directory does not answer");
					default -> throw new TokenRejectedException("not one of ours");
				};
			};
		}

	}

	/**
	 * Users of several tenants, by what was proved and by the address.
	 */
	@Configuration(proxyBeanMethods = false)
	static class Resolver {

		@Bean
		UserIdResolver userIdResolver() {
			return (evidence) -> {
				String tenant = evidence.request().queryParameter("tenant");
				if ("broken".equals(tenant)) {
					throw new IllegalStateException("no such tenant");
				}
				java.security.Principal principal = evidence.request().principal();
				String user = (evidence.token() != null) ? evidence.token().subject()
						: (principal != null) ? principal.getName() : null;
				return (tenant != null && user != null) ? tenant + "/" + user : null;
			};
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class HmacDecoder {

		static final SecretKey KEY = new SecretKeySpec(SECRET.getBytes(), "HmacSHA256");

		@Bean
		JwtDecoder jwtDecoder() {
			return NimbusJwtDecoder.withSecretKey(KEY).build();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class RsaDecoder {

		static final KeyPair KEYS = keys();

		private static KeyPair keys() {
			try {
				return KeyPairGenerator.getInstance("RSA").generateKeyPair();
			}
			catch (java.security.NoSuchAlgorithmException ex) {
				throw new IllegalStateException(ex);
			}
		}

		@Bean
		JwtDecoder jwtDecoder() {
			return NimbusJwtDecoder.withPublicKey((RSAPublicKey) KEYS.getPublic()).build();
		}

	}

}
