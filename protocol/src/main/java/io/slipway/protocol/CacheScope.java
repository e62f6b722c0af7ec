package io.slipway.protocol;

import org.jspecify.annotations.Nullable;

/**
 * Who shares what is kept between builds: results of steps, cache mounts, downloads, what was fetched of bases. The builds of a project share all
 * of it, but for those that name a scope of their own, which share it among themselves: they see nothing of the others', and
 * leave nothing to them. What a build does for code that the project does not trust, such as a fork's, is done so.
 *
 * @param project the tenant, who owns it and whose quota it counts against
 * @param name of the scope within the project; null for what the project's builds share
 */
public record CacheScope(String project, @Nullable String name) {
    /** Stands in no name of a project and in no name of a scope. */
    private static final char SEPARATOR = '+';

    /** Its name on a machine: of directories, and of whom the content store knows; a file's name. */
    public String tenant() {
        return name == null ? project : project + SEPARATOR + name;
    }

    /** What {@link #tenant} names so. */
    public static CacheScope ofTenant(String tenant) {
        int separator = tenant.indexOf(SEPARATOR);
        return separator < 0
                ? new CacheScope(tenant, null)
                : new CacheScope(tenant.substring(0, separator), tenant.substring(separator + 1));
    }
}
