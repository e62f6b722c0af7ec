package io.slipway.api.start;

import io.slipway.api.SlipwayProperties;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Collection;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.core.env.Environment;

/**
 * Lets the whole process trust a company's certificate authorities besides the JDK's own ({@code slipway.ca-file}), before anybody
 * makes a client: the servers of git and HTTP contexts are reached with what the process trusts.
 */
final class TrustedAuthorities implements BeanFactoryPostProcessor {
    private final Environment environment;

    TrustedAuthorities(Environment environment) {
        this.environment = environment;
    }

    @Override
    public void postProcessBeanFactory(ConfigurableListableBeanFactory beans) {
        Path file = Binder.get(environment)
                .bindOrCreate("slipway", SlipwayProperties.class)
                .caFile();
        if (file == null) {
            return;
        }
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, managers(authorities(file)), null);
            SSLContext.setDefault(context);
        } catch (IOException | GeneralSecurityException e) {
            throw new StartException(
                    "The certificate authorities in " + file + " (slipway.ca-file) can't be used: " + e,
                    "Make it a file of one or more certificates in PEM form that the service's user may read.");
        }
    }

    private static KeyStore authorities(Path file) throws IOException, GeneralSecurityException {
        KeyStore authorities = KeyStore.getInstance(KeyStore.getDefaultType());
        authorities.load(null, null);
        int count = 0;
        for (TrustManager manager : managers(null)) {
            if (manager instanceof X509TrustManager builtIn) {
                for (X509Certificate certificate : builtIn.getAcceptedIssuers()) {
                    authorities.setCertificateEntry("ca" + count++, certificate);
                }
            }
        }
        Collection<? extends Certificate> own;
        try (InputStream pem = Files.newInputStream(file)) {
            own = CertificateFactory.getInstance("X.509").generateCertificates(pem);
        }
        if (own.isEmpty()) {
            throw new IOException("it has no certificate");
        }
        for (Certificate certificate : own) {
            authorities.setCertificateEntry("ca" + count++, certificate);
        }
        return authorities;
    }

    /** @param authorities null: the JDK's own */
    private static TrustManager[] managers(@Nullable KeyStore authorities) throws GeneralSecurityException {
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(authorities);
        return factory.getTrustManagers();
    }
}
