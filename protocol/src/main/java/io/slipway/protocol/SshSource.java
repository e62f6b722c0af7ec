package io.slipway.protocol;

import org.jspecify.annotations.Nullable;

/**
 * What answers for {@code RUN --mount=type=ssh}: exactly one of the two.
 *
 * @param agent absolute path of a running agent's socket on this machine, or null
 * @param key a private key in PEM or OpenSSH form, without a passphrase, or null
 */
public record SshSource(@Nullable String agent, @Nullable String key) {
    /** Leaves the key out. */
    @Override
    public String toString() {
        return "SshSource[agent=" + agent + "]";
    }
}
