package io.slipway.api.webhook.outgoing;

import io.slipway.api.problem.BodyFields;
import io.slipway.api.webhook.WebhookProperties;
import io.slipway.remote.AddressPolicy;
import io.slipway.remote.SourceException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Checks the address of a receiver when somebody names it; it is checked again before each connection. Thread-safe. */
@Component
final class ReceiverUrl {
    static final int MOST_CHARACTERS = 2000;

    private final AddressPolicy receivers;

    ReceiverUrl(WebhookProperties properties) {
        this.receivers = properties.receivers();
    }

    /**
     * The address, if messages may be sent there.
     *
     * @throws io.slipway.api.problem.ProblemException if it is none, or in a network that is denied. A host that is not known (yet) is no reason.
     */
    String checked(String url) {
        URI parsed = parse(url);
        if (parsed == null
                || parsed.getHost() == null
                || !Set.of("http", "https").contains(String.valueOf(parsed.getScheme()))) {
            throw BodyFields.invalid(
                    "url", "The field url must be an http or https URL.", "https://receiver.example/builds");
        }
        if (parsed.getRawUserInfo() != null || parsed.getRawFragment() != null) {
            throw BodyFields.invalid(
                    "url",
                    "The field url must have no user, password or fragment.",
                    "messages are signed: that says who has sent them");
        }
        try {
            receivers.check(parsed.getHost());
        } catch (SourceException e) {
            if (!(e.getCause() instanceof UnknownHostException)) {
                throw BodyFields.invalid("url", "The field url: " + e.getMessage() + ".", e.hint());
            }
        }
        return url;
    }

    private static @Nullable URI parse(String url) {
        try {
            return new URI(url);
        } catch (URISyntaxException e) {
            return null;
        }
    }
}
