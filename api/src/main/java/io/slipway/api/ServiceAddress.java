package io.slipway.api;

import java.net.URI;
import org.springframework.stereotype.Component;
import org.springframework.web.servlet.support.ServletUriComponentsBuilder;

/** Where callers reach the service. Thread-safe. */
@Component
public final class ServiceAddress {
    /** For work aside from requests: where the request came in that it is done for. */
    private static final ScopedValue<URI> ASIDE = ScopedValue.newInstance();

    private final SlipwayProperties properties;

    ServiceAddress(SlipwayProperties properties) {
        this.properties = properties;
    }

    /** The configured address, or that of the request that is being served; without a slash at its end. */
    public URI url() {
        URI configured = properties.externalUrl();
        if (configured != null) {
            return configured;
        }
        return ASIDE.isBound()
                ? ASIDE.get()
                : ServletUriComponentsBuilder.fromCurrentContextPath().build().toUri();
    }

    /**
     * Does work aside from requests, for one that came in at {@code url}: on this thread, that is what {@link #url} says unless an address is
     * configured.
     */
    public static <T, X extends Throwable> T aside(URI url, ScopedValue.CallableOp<? extends T, X> work) throws X {
        return ScopedValue.where(ASIDE, url).call(work);
    }
}
