package io.slipway.api.webhook.trigger;

import io.slipway.api.problem.BodyFields;
import io.slipway.api.webhook.host.Host;
import org.jspecify.annotations.Nullable;

/** The secret of a trigger: given by its maker, or made by the service. */
final class NewSecret {
    private static final int LEAST = 16;
    private static final int MOST = 1000;

    private NewSecret() {}

    /**
     * The secret to use.
     *
     * @param given what the maker wants, or null to have one made
     * @throws io.slipway.api.problem.ProblemException if the host can't use it, or it could be guessed
     */
    static String of(Host host, @Nullable String given) {
        if (given == null) {
            return host.newSecret();
        }
        if (given.length() < LEAST || given.length() > MOST || !given.matches("[!-~]+")) {
            throw BodyFields.invalid(
                    "secret",
                    "The field secret must have " + LEAST + " to " + MOST + " visible ASCII characters and no spaces.",
                    "leave it out: then one is made that nobody guesses");
        }
        String fault = host.faultOf(given);
        if (fault != null) {
            throw BodyFields.invalid(
                    "secret", "The field secret " + fault + ".", "leave it out: then one is made that nobody guesses");
        }
        return given;
    }
}
