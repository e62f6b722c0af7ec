package io.slipway.protocol;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a build may fetch what its Dockerfile names: files from HTTP servers, and repositories; and which registries it may reach.
 *
 * @param deniedNetworks networks in CIDR notation that nothing may be fetched from
 * @param ioTimeoutMillis the longest wait for a connection and for more data
 * @param fetchTimeoutMillis the longest time for a whole fetch
 * @param mostBytes the most bytes of a file, or of all files of a commit
 * @param mostGitBytes the most bytes that git's objects may take on disk, compressed as git has them
 * @param sshKey absolute path of the private key for ssh, or null: ssh is not possible
 * @param knownHosts absolute path of OpenSSH's known_hosts file; hosts that are not in it are refused, and null knows none
 * @param deniedRegistryNetworks networks in CIDR notation in which no registry is asked for anything, or sent anything, but those among
 *     {@link BuildSpec#registries} that are not of this build
 */
public record FetchSettings(
        List<String> deniedNetworks,
        long ioTimeoutMillis,
        long fetchTimeoutMillis,
        long mostBytes,
        long mostGitBytes,
        @Nullable String sshKey,
        @Nullable String knownHosts,
        List<String> deniedRegistryNetworks) {
    private static final long PATIENT_MILLIS = 60_000;

    public FetchSettings {
        deniedNetworks = List.copyOf(deniedNetworks);
        deniedRegistryNetworks = List.copyOf(deniedRegistryNetworks);
    }

    /** The same without a key for ssh. */
    public FetchSettings withoutSshKey() {
        return new FetchSettings(
                deniedNetworks,
                ioTimeoutMillis,
                fetchTimeoutMillis,
                mostBytes,
                mostGitBytes,
                null,
                knownHosts,
                deniedRegistryNetworks);
    }

    /** From anywhere and as much as the disk holds: for a user's own machine. */
    public static FetchSettings unlimited(long fetchTimeoutMillis) {
        return new FetchSettings(
                List.of(), PATIENT_MILLIS, fetchTimeoutMillis, Long.MAX_VALUE, Long.MAX_VALUE, null, null, List.of());
    }
}
