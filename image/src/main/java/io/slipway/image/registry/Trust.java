package io.slipway.image.registry;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/** Whose certificates are believed: the JDK's own authorities, and those of a PEM file if there is one. Thread-safe. */
public final class Trust {
    private final @Nullable Path caFile;
    private @Nullable SSLSocketFactory factory;

    Trust(@Nullable Path caFile) {
        this.caFile = caFile;
    }

    /**
     * Makes the connection trust them.
     *
     * @throws LocalFailure if the file can't be read
     */
    void apply(HttpsURLConnection connection) throws LocalFailure {
        if (caFile != null) {
            connection.setSSLSocketFactory(factory(caFile));
        }
    }

    private synchronized SSLSocketFactory factory(Path file) throws LocalFailure {
        if (factory == null) {
            try {
                factory = context(file).getSocketFactory();
            } catch (IOException e) {
                throw new LocalFailure(e);
            }
        }
        return factory;
    }

    /**
     * What believes the JDK's own authorities and those of a PEM file.
     *
     * @throws IOException if the file can't be read or is none
     */
    public static SSLContext context(Path file) throws IOException {
        try (InputStream pem = Files.newInputStream(file)) {
            KeyStore authorities = KeyStore.getInstance(KeyStore.getDefaultType());
            authorities.load(null, null);
            int count = 0;
            for (X509Certificate builtIn : builtIn()) {
                authorities.setCertificateEntry("ca" + count++, builtIn);
            }
            var own = CertificateFactory.getInstance("X.509").generateCertificates(pem);
            if (own.isEmpty()) {
                throw new IOException("the CA file " + file + " has no certificate");
            }
            for (Certificate certificate : own) {
                authorities.setCertificateEntry("ca" + count++, certificate);
            }
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, managers(authorities), null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IOException("the CA file " + file + " can't be used: " + e.getMessage(), e);
        }
    }

    private static X509Certificate[] builtIn() throws GeneralSecurityException {
        for (TrustManager manager : managers(null)) {
            if (manager instanceof X509TrustManager x509) {
                return x509.getAcceptedIssuers();
            }
        }
        return new X509Certificate[0];
    }

    private static TrustManager[] managers(@Nullable KeyStore authorities) throws GeneralSecurityException {
        TrustManagerFactory managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        managers.init(authorities);
        return managers.getTrustManagers();
    }
}
