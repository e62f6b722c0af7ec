package io.slipway.api.intake.option;

/**
 * What one registry host is told to let a build in.
 *
 * @param username user name
 * @param password password or token
 */
public record RegistryCredentials(String username, String password) {
    /** Leaves the password out, so that options can be logged. */
    @Override
    public String toString() {
        return "RegistryCredentials[username=" + username + "]";
    }
}
