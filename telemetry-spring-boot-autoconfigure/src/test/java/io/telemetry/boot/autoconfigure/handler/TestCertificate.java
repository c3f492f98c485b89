package io.telemetry.boot.autoconfigure.handler;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/**
 * A self-signed certificate for 127.0.0.1, made by the JDK's own keytool.
 *
 * @param keyStore a PKCS12 file with the key
 * @param certificate a PEM file
 */
record TestCertificate(Path keyStore, Path certificate) {

	private static final String PASSWORD = "changeit";

	static TestCertificate create(Path directory, String name) throws IOException, InterruptedException {
		Path keyStore = directory.resolve(name + ".p12");
		Path certificate = directory.resolve(name + ".crt");
		keytool(keyStore, "-genkeypair", "-alias", name, "-keyalg", "EC", "-groupname", "secp256r1", "-validity", "2",
				"-dname", "CN=" + name, "-ext", "san=ip:127.0.0.1");
		keytool(keyStore, "-exportcert", "-rfc", "-alias", name, "-file", certificate.toString());
		return new TestCertificate(keyStore, certificate);
	}

	private static void keytool(Path keyStore, String... arguments) throws IOException, InterruptedException {
		List<String> command = new ArrayList<>();
		command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
		command.addAll(List.of(arguments));
		command.addAll(List.of("-storetype", "PKCS12", "-keystore", keyStore.toString(), "-storepass", PASSWORD));
		Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
		String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
		if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
			throw new IOException(output);
		}
	}

	/**
	 * What a server with this certificate uses.
	 */
	SSLContext serverContext() throws IOException, GeneralSecurityException {
		KeyStore store = KeyStore.getInstance("PKCS12");
		try (InputStream in = Files.newInputStream(this.keyStore)) {
			store.load(in, PASSWORD.toCharArray());
		}
		KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
		factory.init(store, PASSWORD.toCharArray());
		SSLContext context = SSLContext.getInstance("TLS");
		context.init(factory.getKeyManagers(), null, null);
		return context;
	}

}
