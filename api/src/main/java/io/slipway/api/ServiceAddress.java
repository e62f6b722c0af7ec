package io.slipway.api;

import java.net.URI;
import org.springframework.stereotype.Component;
import org.springframework.web.servlet.support.ServletUriComponentsBuilder;

/** Where callers reach the service. Thread-safe. */
@Component
public final class ServiceAddress {
    private final SlipwayProperties properties;

    ServiceAddress(SlipwayProperties properties) {
        this.properties = properties;
    }

    /** The configured address, or that of the request that is being served; without a slash at its end. */
    public URI url() {
        URI configured = properties.externalUrl();
        return configured != null
                ? configured
                : ServletUriComponentsBuilder.fromCurrentContextPath().build().toUri();
    }
}
