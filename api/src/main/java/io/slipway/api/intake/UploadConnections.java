package io.slipway.api.intake;

import io.slipway.api.intake.option.OptionCounts;
import org.springframework.boot.tomcat.ConfigurableTomcatWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.stereotype.Component;

/** Sets the HTTP connections up for large uploads and long queries. */
@Component
final class UploadConnections implements WebServerFactoryCustomizer<ConfigurableTomcatWebServerFactory> {
    @Override
    public void customize(ConfigurableTomcatWebServerFactory factory) {
        factory.addConnectorCustomizers(connector -> {
            // A client that asks before it sends (Expect: 100-continue) hears of a wrong token or option first.
            connector.setProperty("continueResponseTiming", "onRead");
            // Tomcat's 8 KiB are few for many build arguments.
            connector.setProperty("maxHttpRequestHeaderSize", Integer.toString(OptionCounts.HEAD_BYTES));
        });
    }
}
