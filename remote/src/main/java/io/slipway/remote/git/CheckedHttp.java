package io.slipway.remote.git;

import io.slipway.remote.AddressPolicy;
import io.slipway.remote.http.HttpUrl;
import java.io.IOException;
import java.net.Proxy;
import java.net.URL;
import org.eclipse.jgit.transport.URIish;
import org.eclipse.jgit.transport.http.HttpConnection;
import org.eclipse.jgit.transport.http.HttpConnectionFactory2;
import org.eclipse.jgit.transport.http.JDKHttpConnectionFactory;
import org.jspecify.annotations.Nullable;

/**
 * Checks every URL before it is connected to, where it is then connected to, those that a server redirects to as well, and tells credentials to the server
 * that they are for and to no other.
 */
final class CheckedHttp implements HttpConnectionFactory2 {
    private final JDKHttpConnectionFactory connections = new JDKHttpConnectionFactory();
    private final AddressPolicy addresses;
    private final @Nullable HttpUrl server;
    private final @Nullable String authorization;

    /**
     * @param repository whose server the credentials are for
     * @param authorization value of the header Authorization, or null
     */
    CheckedHttp(AddressPolicy addresses, URIish repository, @Nullable String authorization) {
        this.addresses = addresses;
        this.server = HttpUrl.parse(repository.toPrivateString());
        this.authorization = authorization;
    }

    @Override
    public HttpConnection create(URL url) throws IOException {
        addresses.pin(url.getHost());
        return authorized(url, connections.create(url));
    }

    @Override
    public HttpConnection create(URL url, Proxy proxy) throws IOException {
        addresses.pin(url.getHost());
        return authorized(url, connections.create(url, proxy));
    }

    private HttpConnection authorized(URL url, HttpConnection connection) {
        HttpUrl asked = HttpUrl.parse(url.toString());
        if (authorization != null && server != null && asked != null && server.isTrusting(asked)) {
            connection.setRequestProperty("Authorization", authorization);
        }
        return connection;
    }

    @Override
    public GitSession newSession() {
        return connections.newSession();
    }
}
