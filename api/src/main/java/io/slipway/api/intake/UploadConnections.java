package io.slipway.api.intake;

import org.springframework.boot.tomcat.ConfigurableTomcatWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.stereotype.Component;

/** Sets the HTTP connections up for large uploads and long queries. */
@Component
final class UploadConnections implements WebServerFactoryCustomizer<ConfigurableTomcatWebServerFactory> {
    /** Options stand in the query when the body is the context; Tomcat's 8 KiB are few for many build arguments. */
    private static final int HEADER_BYTES = 64 * 1024;

    @Override
    public void customize(ConfigurableTomcatWebServerFactory factory) {
        factory.addConnectorCustomizers(connector -> {
            // A client that asks before it sends (Expect: 100-continue) hears of a wrong token or option first.
            connector.setProperty("continueResponseTiming", "onRead");
            connector.setProperty("maxHttpRequestHeaderSize", Integer.toString(HEADER_BYTES));
        });
    }
}
