package io.slipway.remote.git;

import io.slipway.remote.AddressPolicy;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How repositories may be reached.
 *
 * @param allowFile whether {@code file://} URLs may be used; they read anything that the service's user may read
 * @param sshKey private key file for ssh, or null for none
 * @param knownHosts file in OpenSSH's known_hosts format; ssh hosts that are not in it are refused, and null knows none
 * @param addresses where connections may go
 * @param ioTimeout the longest wait for a connection or for more data
 * @param fetchTimeout the longest time for the whole fetch
 * @param maxFetchBytes the most bytes that a fetch may put on disk, compressed as git has them
 */
public record GitSettings(
        boolean allowFile,
        @Nullable Path sshKey,
        @Nullable Path knownHosts,
        AddressPolicy addresses,
        Duration ioTimeout,
        Duration fetchTimeout,
        long maxFetchBytes) {}
