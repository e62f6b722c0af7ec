package io.slipway.db.webhook;

import org.jspecify.annotations.Nullable;

/**
 * A registry hook to be made.
 *
 * @param id from {@link RegistryHooks#newId}
 * @param name for people
 * @param host what image names call the registry, or null: as it says itself
 * @param secret what proves it, encrypted
 * @param createdBy id of the token or identity that makes it
 */
public record NewRegistryHook(
        String id, String project, String name, @Nullable String host, String secret, String createdBy) {

    /** Leaves out what is encrypted. */
    @Override
    public String toString() {
        return "NewRegistryHook[id=" + id + ", project=" + project + "]";
    }
}
