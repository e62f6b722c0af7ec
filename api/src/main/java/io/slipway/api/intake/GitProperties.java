package io.slipway.api.intake;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * How git repositories are reached.
 *
 * @param allowFile whether {@code file://} URLs may be used; they read whatever the service's user may read
 * @param sshKey private key file without a passphrase, or null: ssh is not possible
 * @param projects whose contexts and builds have the key; null for all
 * @param knownHosts known_hosts file of OpenSSH; ssh hosts that are not in it are refused
 * @param maxFetchSize most bytes that a fetch may put on disk, compressed as git has them
 */
@ConfigurationProperties("slipway.git")
public record GitProperties(
        @DefaultValue("false") boolean allowFile,
        @Nullable Path sshKey,
        @Nullable List<String> projects,
        @Nullable Path knownHosts,
        @DefaultValue("8GB") DataSize maxFetchSize) {

    public GitProperties {
        projects = projects == null ? null : List.copyOf(projects);
    }

    /** Whether a project's contexts and builds have the key for ssh. */
    public boolean isFor(String project) {
        return projects == null || projects.contains(project);
    }
}
