package io.telemetry.handler.socket;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;

import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;

/**
 * Self-signed certificates, made by the JDK's own keytool.
 */
final class Certificates {

	private static final String PASSWORD = "changeit";

	private Certificates() {
	}

	/**
	 * Makes a key store with one key.
	 * @param subject what the certificate is for, such as {@code ip:127.0.0.1}
	 */
	static Path keyStore(Path directory, String name, String subject) throws IOException, InterruptedException {
		Path store = directory.resolve(name + ".p12");
		Process process = new ProcessBuilder(List.of(
				Path.of(System.getProperty("java.home"), "bin", "keytool").toString(), "-genkeypair", "-alias", name,
				"-keyalg", "EC", "-groupname", "secp256r1", "-validity", "2", "-dname", "CN=" + name, "-ext",
				"san=" + subject, "-storetype", "PKCS12", "-keystore", store.toString(), "-storepass", PASSWORD))
			.redirectErrorStream(true)
			.start();
		String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
		if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
			throw new IOException(output);
		}
		return store;
	}

	/**
	 * A context that shows one store's certificate and trusts another's.
	 */
	static SSLContext context(Path own, Path trusted) throws IOException, GeneralSecurityException {
		KeyManager[] keys = null;
		if (own != null) {
			KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
			factory.init(load(own), PASSWORD.toCharArray());
			keys = factory.getKeyManagers();
		}
		TrustManager[] trust = null;
		if (trusted != null) {
			KeyStore source = load(trusted);
			KeyStore certificates = KeyStore.getInstance("PKCS12");
			certificates.load(null, null);
			String alias = source.aliases().nextElement();
			certificates.setCertificateEntry(alias, source.getCertificate(alias));
			TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
			factory.init(certificates);
			trust = factory.getTrustManagers();
		}
		SSLContext context = SSLContext.getInstance("TLS");
		context.init(keys, trust, null);
		return context;
	}

	/**
	 * Writes a store's certificate and key as PEM files, {@code name.crt} and
	 * {@code name.key} beside it.
	 */
	static void writePem(Path store) throws IOException, GeneralSecurityException {
		KeyStore source = load(store);
		String alias = source.aliases().nextElement();
		Files.writeString(store.resolveSibling(alias + ".crt"),
				pem("CERTIFICATE", source.getCertificate(alias).getEncoded()));
		Files.writeString(store.resolveSibling(alias + ".key"),
				pem("PRIVATE KEY", source.getKey(alias, PASSWORD.toCharArray()).getEncoded()));
	}

	private static String pem(String type, byte[] content) {
		return "-----BEGIN " + type + "-----\n" + Base64.getMimeEncoder(64, new byte[] { '\n' }).encodeToString(content)
				+ "\n-----END " + type + "-----\n";
	}

	private static KeyStore load(Path path) throws IOException, GeneralSecurityException {
		KeyStore store = KeyStore.getInstance("PKCS12");
		try (InputStream in = Files.newInputStream(path)) {
			store.load(in, PASSWORD.toCharArray());
		}
		return store;
	}

}
