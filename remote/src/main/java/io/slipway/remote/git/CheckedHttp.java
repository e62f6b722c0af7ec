package io.slipway.remote.git;

import io.slipway.remote.AddressPolicy;
import java.io.IOException;
import java.net.Proxy;
import java.net.URL;
import org.eclipse.jgit.transport.http.HttpConnection;
import org.eclipse.jgit.transport.http.HttpConnectionFactory2;
import org.eclipse.jgit.transport.http.JDKHttpConnectionFactory;

/** Checks every URL before it is connected to, those that a server redirects to as well. */
final class CheckedHttp implements HttpConnectionFactory2 {
    private final JDKHttpConnectionFactory connections = new JDKHttpConnectionFactory();
    private final AddressPolicy addresses;

    CheckedHttp(AddressPolicy addresses) {
        this.addresses = addresses;
    }

    @Override
    public HttpConnection create(URL url) throws IOException {
        addresses.check(url.getHost());
        return connections.create(url);
    }

    @Override
    public HttpConnection create(URL url, Proxy proxy) throws IOException {
        addresses.check(url.getHost());
        return connections.create(url, proxy);
    }

    @Override
    public GitSession newSession() {
        return connections.newSession();
    }
}
