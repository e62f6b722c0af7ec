package io.slipway.image.registry;

import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How to talk to registries.
 *
 * @param hosts settings by host as it stands in an image reference, with its port if there is one: {@code docker.io},
 *     {@code 127.0.0.1:5000}. Other hosts get {@link HostSettings#DEFAULT}
 * @param caFile a PEM file of certificate authorities to trust besides the JDK's own, or null
 * @param connectTimeout how long a host may take to accept a connection
 * @param idleTimeout how long a host may send nothing while we wait, or take nothing while we send
 * @param attempts how often a request is tried in all when the host can't be reached or answers 429 or 5xx, at least 1
 * @param firstDelay the pause after the first failed attempt; it doubles with each one
 * @param parallelTransfers how many blobs are pulled or pushed at the same time, at least 1
 * @param addresses where the hosts may be
 */
public record RegistrySettings(
        Map<String, HostSettings> hosts,
        @Nullable Path caFile,
        Duration connectTimeout,
        Duration idleTimeout,
        int attempts,
        Duration firstDelay,
        int parallelTransfers,
        RegistryAddresses addresses) {
    /** No special hosts, wherever they are; 10 s to connect, 60 s idle, five attempts within about 4 s, four transfers at once. */
    public static final RegistrySettings DEFAULT = new RegistrySettings(
            Map.of(), null, Duration.ofSeconds(10), Duration.ofSeconds(60), 5, Duration.ofMillis(250), 4);

    /** For hosts wherever they are. */
    public RegistrySettings(
            Map<String, HostSettings> hosts,
            @Nullable Path caFile,
            Duration connectTimeout,
            Duration idleTimeout,
            int attempts,
            Duration firstDelay,
            int parallelTransfers) {
        this(
                hosts,
                caFile,
                connectTimeout,
                idleTimeout,
                attempts,
                firstDelay,
                parallelTransfers,
                RegistryAddresses.ANY);
    }

    /** Copies the hosts. */
    public RegistrySettings {
        hosts = Map.copyOf(hosts);
        if (attempts < 1 || parallelTransfers < 1) {
            throw new IllegalArgumentException("attempts and parallelTransfers must be at least 1");
        }
    }

    /** The settings of one host, as it stands in an image reference. */
    public HostSettings host(String host) {
        return hosts.getOrDefault(host, HostSettings.DEFAULT);
    }

    /** The same settings with one host's replaced. */
    public RegistrySettings with(String host, HostSettings settings) {
        Map<String, HostSettings> changed = new LinkedHashMap<>(hosts);
        changed.put(host, settings);
        return withHosts(changed);
    }

    /** The same settings for other hosts. */
    public RegistrySettings withHosts(Map<String, HostSettings> hosts) {
        return new RegistrySettings(
                hosts, caFile, connectTimeout, idleTimeout, attempts, firstDelay, parallelTransfers, addresses);
    }

    /** The same settings with certificate authorities of one's own. */
    public RegistrySettings withCaFile(@Nullable Path caFile) {
        return new RegistrySettings(
                hosts, caFile, connectTimeout, idleTimeout, attempts, firstDelay, parallelTransfers, addresses);
    }

    /** The same settings with another number of attempts. */
    public RegistrySettings withAttempts(int attempts) {
        return new RegistrySettings(
                hosts, caFile, connectTimeout, idleTimeout, attempts, firstDelay, parallelTransfers, addresses);
    }

    /** The same settings with other times. */
    public RegistrySettings withTimes(Duration connectTimeout, Duration idleTimeout, Duration firstDelay) {
        return new RegistrySettings(
                hosts, caFile, connectTimeout, idleTimeout, attempts, firstDelay, parallelTransfers, addresses);
    }

    /** The same settings for hosts in other places. */
    public RegistrySettings withAddresses(RegistryAddresses addresses) {
        return new RegistrySettings(
                hosts, caFile, connectTimeout, idleTimeout, attempts, firstDelay, parallelTransfers, addresses);
    }
}
