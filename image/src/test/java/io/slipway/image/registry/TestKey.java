package io.slipway.image.registry;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.util.Base64;
import java.util.concurrent.TimeUnit;

/**
 * A key of the moment with a certificate that it signed itself, for tests.
 *
 * @param store holds both under {@link #PASSWORD}
 */
record TestKey(KeyStore store, PrivateKey privateKey, Certificate certificate) {
    static final String PASSWORD = "changeit";

    /**
     * Makes a key, with the JDK's keytool: the JDK has no public class that makes certificates.
     *
     * @param directory where a file {@code key.p12} may be left
     * @param name the certificate's common name; it is also good for the host 127.0.0.1
     */
    static TestKey make(Path directory, String name) throws IOException {
        Path file = directory.resolve("key.p12");
        keytool(
                "-genkeypair",
                "-alias",
                "key",
                "-keyalg",
                "RSA",
                "-keysize",
                "2048",
                "-dname",
                "CN=" + name,
                "-ext",
                "SAN=ip:127.0.0.1",
                "-validity",
                "2",
                "-storetype",
                "PKCS12",
                "-keystore",
                file.toString(),
                "-storepass",
                PASSWORD);
        try (InputStream in = Files.newInputStream(file)) {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(in, PASSWORD.toCharArray());
            PrivateKey key = (PrivateKey) store.getKey("key", PASSWORD.toCharArray());
            return new TestKey(store, key, store.getCertificate("key"));
        } catch (GeneralSecurityException e) {
            throw new IOException(e);
        }
    }

    /** The certificate as a PEM file has it. */
    static String pem(Certificate certificate) throws IOException {
        try {
            return "-----BEGIN CERTIFICATE-----\n"
                    + Base64.getMimeEncoder().encodeToString(certificate.getEncoded())
                    + "\n-----END CERTIFICATE-----\n";
        } catch (GeneralSecurityException e) {
            throw new IOException(e);
        }
    }

    private static void keytool(String... arguments) throws IOException {
        String[] command = new String[arguments.length + 1];
        command[0] = Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
        System.arraycopy(arguments, 0, command, 1, arguments.length);
        Process keytool = new ProcessBuilder(command).redirectErrorStream(true).start();
        try (InputStream said = keytool.getInputStream()) {
            String output = new String(said.readAllBytes(), UTF_8);
            if (!keytool.waitFor(120, TimeUnit.SECONDS) || keytool.exitValue() != 0) {
                throw new IOException("keytool: " + output);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } finally {
            keytool.destroyForcibly();
        }
    }
}
