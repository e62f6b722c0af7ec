package io.slipway.api.webhook.trigger;

import io.slipway.api.webhook.host.HostEvent;
import java.security.interfaces.RSAPrivateKey;
import org.jspecify.annotations.Nullable;

/**
 * How a git host is told what becomes of the commits that it tells of.
 *
 * @param apiUrl where its API is, without a slash at its end
 * @param access by what it lets itself be told, which decides in what form
 * @param context by which the host tells statuses of a commit apart: a template
 */
public record StatusSettings(String apiUrl, Access access, Template context) {

    private static final int MOST_CHARACTERS = 255;

    /** What the host lets in. */
    public sealed interface Access {}

    /**
     * A token that may set commit statuses.
     *
     * @param username for those that want a user name and a token, or null
     */
    public record Token(@Nullable String username, String token) implements Access {
        /** Leaves the token out. */
        @Override
        public String toString() {
            return "Token[]";
        }
    }

    /**
     * A GitHub App that may write checks: a commit's status is a check run then.
     *
     * @param id the App's id or client id
     * @param installation id of its installation where the repository is
     */
    public record App(String id, String installation, RSAPrivateKey key) implements Access {
        /** Leaves the key out. */
        @Override
        public String toString() {
            return "App[id=" + id + ", installation=" + installation + "]";
        }
    }

    /** By what the host tells the status of an event's commit from others. */
    public String context(HostEvent event, @Nullable String repository) {
        String filled = context.fill(placeholder -> placeholder.of(event, repository));
        String named = filled == null ? "slipway" : filled;
        return named.length() <= MOST_CHARACTERS ? named : named.substring(0, MOST_CHARACTERS);
    }
}
