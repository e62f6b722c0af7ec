package io.slipway.api.testing;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/** An authority as a company has its own, made with the JDK's keytool, and a server's certificate for loopback that it signed. */
public final class CertificateAuthority {
    private static final String PASSWORD = "not-secret";

    private final Path store;
    private final Path pem;

    private CertificateAuthority(Path store, Path pem) {
        this.store = store;
        this.pem = pem;
    }

    /** Makes one; its files lie in {@code directory}. */
    public static CertificateAuthority create(Path directory) throws IOException, InterruptedException {
        Path store = directory.resolve("keys.p12");
        Path pem = directory.resolve("ca.pem");
        keytool(
                store,
                "-genkeypair",
                "-alias",
                "ca",
                "-keyalg",
                "EC",
                "-dname",
                "CN=Company CA",
                "-ext",
                "bc:c=ca:true");
        keytool(
                store,
                "-genkeypair",
                "-alias",
                "server",
                "-keyalg",
                "EC",
                "-dname",
                "CN=127.0.0.1",
                "-ext",
                "san=ip:127.0.0.1",
                "-signer",
                "ca");
        keytool(store, "-exportcert", "-alias", "ca", "-rfc", "-file", pem.toString());
        // The server shows its own certificate only; the authority's key is none that it may choose.
        keytool(store, "-delete", "-alias", "ca");
        return new CertificateAuthority(store, pem);
    }

    /** The authority's certificate. */
    public Path pem() {
        return pem;
    }

    /** For servers on 127.0.0.1. */
    public SSLContext serverContext() throws IOException, GeneralSecurityException {
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            keys.load(in, PASSWORD.toCharArray());
        }
        KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(keys, PASSWORD.toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(managers.getKeyManagers(), null, null);
        return context;
    }

    private static void keytool(Path store, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-keystore",
                store.toString(),
                "-storepass",
                PASSWORD));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException(String.join(" ", command) + " failed:\n" + said);
        }
    }
}
