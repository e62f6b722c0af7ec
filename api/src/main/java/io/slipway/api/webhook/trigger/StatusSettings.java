package io.slipway.api.webhook.trigger;

import io.slipway.api.webhook.host.HostEvent;
import org.jspecify.annotations.Nullable;

/**
 * How a git host is told what becomes of the commits that it tells of.
 *
 * @param apiUrl where its API is, without a slash at its end
 * @param username for those that want a user name and a token, or null
 * @param context by which the host tells statuses of a commit apart: a template
 */
public record StatusSettings(String apiUrl, @Nullable String username, String token, Template context) {

    private static final int MOST_CHARACTERS = 255;

    /** By what the host tells the status of an event's commit from others. */
    public String context(HostEvent event, @Nullable String repository) {
        String filled = context.fill(placeholder -> placeholder.of(event, repository));
        String named = filled == null ? "slipway" : filled;
        return named.length() <= MOST_CHARACTERS ? named : named.substring(0, MOST_CHARACTERS);
    }

    /** Leaves the token out. */
    @Override
    public String toString() {
        return "StatusSettings[apiUrl=" + apiUrl + "]";
    }
}
