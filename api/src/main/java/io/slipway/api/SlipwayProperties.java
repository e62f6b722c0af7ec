package io.slipway.api;

import io.slipway.db.access.ProjectLimit;
import io.slipway.dockerfile.source.FileSize;
import io.slipway.image.network.DeniedNetworks;
import io.slipway.image.registry.RegistryAddresses;
import io.slipway.protocol.RegistrySettings;
import io.slipway.protocol.StepBudget;
import java.net.InetAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * Everything under {@code slipway.} in the configuration. Checked when it is bound: a wrong value stops the start with a sentence.
 *
 * @param home where the service keeps its data; made absolute
 * @param secretKeyFile the keys that stored credentials and secrets are encrypted with, each a line (32 bytes in base64): the first encrypts, all
 *     decrypt. Made, with one key, if it is not there; by default {@code secret-key} in {@code home}
 * @param secretKeyCommand command line that writes the same to its standard output; empty: the file is read
 * @param externalUrl the address that callers reach the service at, without a slash at its end, or null: as each request says
 * @param caFile certificate authorities in PEM form that are trusted besides the JDK's own when contexts are fetched, or null
 * @param workers how workers are started
 * @param limits what callers may ask for
 * @param storage what of the store is kept
 * @param homes how long others wait for services that are away
 * @param registries how registries are reached, by host
 * @param registryDeniedNetworks networks in CIDR notation that no registry is in, but those of {@code registries} and their mirrors; null: link-local
 *     addresses, and the others where clouds have their metadata
 */
@ConfigurationProperties("slipway")
public record SlipwayProperties(
        @DefaultValue(".slipway") Path home,
        @Nullable Path secretKeyFile,
        @DefaultValue List<String> secretKeyCommand,
        @Nullable URI externalUrl,
        @Nullable Path caFile,
        @DefaultValue Workers workers,
        @DefaultValue Limits limits,
        @DefaultValue Storage storage,
        @DefaultValue Homes homes,
        @DefaultValue List<Registry> registries,
        @Nullable List<String> registryDeniedNetworks) {

    public SlipwayProperties {
        home = home.toAbsolutePath().normalize();
        secretKeyCommand = List.copyOf(secretKeyCommand);
        require(
                secretKeyFile == null || secretKeyCommand.isEmpty(),
                "slipway.secret-key-file and slipway.secret-key-command are both set: keys come from one of them");
        secretKeyFile = secretKeyFile == null ? home.resolve("secret-key") : secretKeyFile.toAbsolutePath();
        registries = List.copyOf(registries);
        registryDeniedNetworks = List.copyOf(
                registryDeniedNetworks == null ? RegistryAddresses.DENIED_BY_DEFAULT : registryDeniedNetworks);
        try {
            var _ = new DeniedNetworks(registryDeniedNetworks);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("slipway.registry-denied-networks: " + e.getMessage(), e);
        }
        if (externalUrl != null
                && (externalUrl.getHost() == null || externalUrl.toString().endsWith("/"))) {
            throw new IllegalArgumentException(
                    "slipway.external-url must be like https://builds.example, without a slash at its end: "
                            + externalUrl);
        }
    }

    @Override
    public List<String> registryDeniedNetworks() {
        return Objects.requireNonNull(registryDeniedNetworks, "set when the properties are made");
    }

    @Override
    public Path secretKeyFile() {
        return Objects.requireNonNull(secretKeyFile, "set when the properties are made");
    }

    /**
     * How workers are started.
     *
     * @param enabled whether workers are started here; without them builds are taken and wait
     * @param command the worker's command line; empty: that of the distribution that SLIPWAY_DIST names, and no workers if it names none
     * @param enter command line that enters the user namespace in which workers own their files, for removing what they left;
     *     empty: none is needed
     * @param slots how many builds run side by side; 0: one per processor
     * @param spares how many idle workers wait, already started, beside those that build
     * @param builds how many builds of one project a worker does one after the other, as long as they wait already; 1: a worker does one
     *     build
     * @param lease how long a worker may be silent before its build is given to another one
     * @param cancelGrace how long a worker may take to end a cancelled build before it is killed
     * @param timeoutGrace how long a worker may overrun its build's time limit before it is killed
     * @param claimWait how long a worker's request for a build is held open while there is none
     * @param drainTimeout how long running builds may go on when the service is stopped, before they are handed back; 0: no time
     * @param parallelCommands how many commands of one build run side by side; 0: {@link StepBudget#defaultCommands()}
     * @param controlGroups directories of control groups (cgroups(7)) that are the service's own, in which workers are limited: one of version
     *     2, or one of each controller of version 1; empty: memory, processors and processes can't be limited
     * @param deniedAddresses IP addresses that no RUN reaches; empty: none
     * @param freeMemory how much memory has to be available before a command begins beside another one of its build
     */
    public record Workers(
            @DefaultValue("true") boolean enabled,
            @DefaultValue List<String> command,

            @DefaultValue({
                "unshare",
                "--user",
                "--map-root-user",
                "--map-auto",
                "--mount",
                "--pid",
                "--fork",
                "--kill-child",
                "--mount-proc"
            })
            List<String> enter,

            @DefaultValue("0") int slots,
            @DefaultValue("2") int spares,
            @DefaultValue("16") int builds,
            @DefaultValue("30s") Duration lease,
            @DefaultValue("5s") Duration cancelGrace,
            @DefaultValue("30s") Duration timeoutGrace,
            @DefaultValue("25s") Duration claimWait,
            @DefaultValue("20s") Duration drainTimeout,
            @DefaultValue("0") int parallelCommands,
            @DefaultValue("256MB") DataSize freeMemory,
            @DefaultValue List<Path> controlGroups,

            @DefaultValue({
                "169.254.169.254",
                "169.254.170.2",
                "169.254.170.23",
                "100.100.100.200",
                "192.0.0.192",
                "fd00:ec2::254",
                "fd00:ec2::23",
                "fd20:ce::254"
            })
            List<String> deniedAddresses) {

        public Workers {
            deniedAddresses = List.copyOf(deniedAddresses);
            for (String address : deniedAddresses) {
                try {
                    InetAddress.ofLiteral(address);
                } catch (IllegalArgumentException e) {
                    throw new IllegalArgumentException(
                            "slipway.workers.denied-addresses has something that is no IP address: " + address, e);
                }
            }
            command = List.copyOf(command);
            enter = List.copyOf(enter);
            controlGroups = List.copyOf(controlGroups);
            slots = slots == 0 ? Runtime.getRuntime().availableProcessors() : slots;
            require(slots > 0 && slots <= 1024, "slipway.workers.slots must be between 1 and 1024, or 0");
            require(spares >= 1, "slipway.workers.spares must be 1 at least");
            require(builds >= 1, "slipway.workers.builds must be 1 at least");
            parallelCommands = parallelCommands == 0 ? StepBudget.defaultCommands() : parallelCommands;
            require(
                    parallelCommands > 0 && parallelCommands <= 1024,
                    "slipway.workers.parallel-commands must be between 1 and 1024, or 0");
            require(!freeMemory.isNegative(), "slipway.workers.free-memory must not be negative");
            require(!drainTimeout.isNegative(), "slipway.workers.drain-timeout must not be negative");
            require(lease.toMillis() >= 100, "slipway.workers.lease must be 100ms at least");
            require(!cancelGrace.isNegative(), "slipway.workers.cancel-grace must not be negative");
            require(!timeoutGrace.isNegative(), "slipway.workers.timeout-grace must not be negative");
            require(
                    claimWait.toMillis() <= 25_000,
                    "slipway.workers.claim-wait must be 25s at most: that is how long a worker waits for an answer");
        }

        /** How many commands of one build run side by side. */
        public StepBudget stepBudget() {
            return new StepBudget(parallelCommands, freeMemory.toBytes());
        }
    }

    /**
     * What callers may ask for. What is counted for each project holds for those that have no limit of their own.
     *
     * @param contextSize largest build context, uncompressed
     * @param contextEntries most files in a build context
     * @param dockerfileSize largest Dockerfile; not more than {@link FileSize#MOST_BYTES}
     * @param buildTimeout time limit of a build that names none
     * @param maxBuildTimeout longest time limit that a build may name
     * @param maxWait longest {@code ?wait=}
     * @param concurrentBuilds how many builds of one project run at the same time; null: as many as there are slots
     * @param queuedBuilds how many builds of one project wait at the same time
     * @param submitsPerMinute how many builds of one project are submitted within a minute
     * @param imageSize largest image, compressed; null: any
     * @param buildDisk what a build that runs may have on the disk that is not finished yet; null: what there is
     * @param buildMemory memory of a build that runs, its worker included; null: what there is
     * @param buildCpuMillis thousandths of a processor for a build that runs; null: all
     * @param buildProcesses processes and threads of a build that runs, its worker's included; null: as many as there can be
     * @param freeSpace below so much free space on the disk of {@code home} the service is not ready and takes no builds
     */
    public record Limits(
            @DefaultValue("16GB") DataSize contextSize,
            @DefaultValue("1000000") int contextEntries,
            @DefaultValue("1MB") DataSize dockerfileSize,
            @DefaultValue("1h") Duration buildTimeout,
            @DefaultValue("24h") Duration maxBuildTimeout,
            @DefaultValue("60s") Duration maxWait,
            @Nullable Integer concurrentBuilds,
            @DefaultValue("10000") int queuedBuilds,
            @DefaultValue("1200") int submitsPerMinute,
            @Nullable DataSize imageSize,
            @Nullable DataSize buildDisk,
            @Nullable DataSize buildMemory,
            @Nullable Integer buildCpuMillis,
            @Nullable Integer buildProcesses,
            @DefaultValue("1GB") DataSize freeSpace) {

        public Limits {
            require(contextSize.toBytes() > 0, "slipway.limits.context-size must be positive");
            require(contextEntries > 0, "slipway.limits.context-entries must be positive");
            require(
                    dockerfileSize.toBytes() > 0 && dockerfileSize.toBytes() <= FileSize.MOST_BYTES,
                    "slipway.limits.dockerfile-size must be positive and 4MB at most: larger ones are not read");
            require(buildTimeout.toMillis() > 0, "slipway.limits.build-timeout must be positive");
            require(
                    maxBuildTimeout.compareTo(buildTimeout) >= 0,
                    "slipway.limits.max-build-timeout must not be shorter than slipway.limits.build-timeout");
            require(!maxWait.isNegative(), "slipway.limits.max-wait must not be negative");
            require(
                    concurrentBuilds == null || concurrentBuilds > 0,
                    "slipway.limits.concurrent-builds must be 1 at least; without it there is no limit");
            require(queuedBuilds > 0, "slipway.limits.queued-builds must be 1 at least");
            require(
                    submitsPerMinute > 0 && submitsPerMinute <= ProjectLimit.SUBMITS_PER_MINUTE.most(),
                    "slipway.limits.submits-per-minute must be between 1 and "
                            + ProjectLimit.SUBMITS_PER_MINUTE.most());
        }
    }

    /**
     * What of the store ({@code home/store}) is kept. Sizes are those on the disk. What was used last goes last; what running builds use, and
     * images younger than {@code imageAge}, never go.
     *
     * @param reserved the store is never made smaller than this for want of room
     * @param maximum the store is made smaller when it is larger than this; null: it may fill the disk
     * @param minimumFree the store is made smaller when its disk has less free than this
     * @param maximumAge what nobody has used for so long goes in any case; 0: nothing does for its age
     * @param projectQuota the most that only one project's cache records refer to; null: no limit
     * @param cacheMountQuota the most that the cache mounts of one project have; null: no limit
     * @param imageAge how long after a build's end its image is kept, to be pulled and downloaded, whatever the other settings say
     * @param contextAge how long contexts stay after their build's end, so that it can be done once more; 0: they don't
     * @param contextMaximum most that such contexts have, uncompressed; the oldest go first
     * @param interval how long after one collection the next may begin by itself
     */
    public record Storage(
            @DefaultValue("0B") DataSize reserved,
            @Nullable DataSize maximum,
            @DefaultValue("2GB") DataSize minimumFree,
            @DefaultValue("30d") Duration maximumAge,
            @Nullable DataSize projectQuota,
            @Nullable DataSize cacheMountQuota,
            @DefaultValue("7d") Duration imageAge,
            @DefaultValue("1h") Duration contextAge,
            @DefaultValue("10GB") DataSize contextMaximum,
            @DefaultValue("10m") Duration interval) {

        public Storage {
            require(!reserved.isNegative(), "slipway.storage.reserved must not be negative");
            require(
                    maximum == null || maximum.compareTo(reserved) >= 0,
                    "slipway.storage.maximum must not be less than slipway.storage.reserved");
            require(!minimumFree.isNegative(), "slipway.storage.minimum-free must not be negative");
            require(!maximumAge.isNegative(), "slipway.storage.maximum-age must not be negative");
            require(
                    projectQuota == null || !projectQuota.isNegative(),
                    "slipway.storage.project-quota must not be negative");
            require(
                    cacheMountQuota == null || !cacheMountQuota.isNegative(),
                    "slipway.storage.cache-mount-quota must not be negative");
            require(!contextAge.isNegative(), "slipway.storage.context-age must not be negative");
            require(!contextMaximum.isNegative(), "slipway.storage.context-maximum must not be negative");
            require(!imageAge.isNegative(), "slipway.storage.image-age must not be negative");
            require(interval.toMillis() >= 1000, "slipway.storage.interval must be 1s at least");
        }
    }

    /**
     * How the services on one database deal with each other's absence.
     *
     * @param awayLimit how long after a service was last seen the builds that wait for it are ended by others
     */
    public record Homes(@DefaultValue("24h") Duration awayLimit) {
        private static final Duration LONGEST = Duration.ofDays(36_500);

        public Homes {
            require(
                    awayLimit.compareTo(io.slipway.db.build.Homes.AWAY_AFTER) > 0 && awayLimit.compareTo(LONGEST) <= 0,
                    "slipway.homes.away-limit must be more than a minute, and " + LONGEST.toDays()
                            + "d at most: whoever was not seen for a minute is away");
        }
    }

    /**
     * How one registry host is reached.
     *
     * @param host {@code host[:port]} as in image references; {@code docker.io} for the default registry
     * @param mirrors base URLs that are asked first when pulling, in order
     * @param plainHttp speak http instead of https to the host itself
     * @param username null for anonymous access
     * @param password null for anonymous access
     * @param projects for whose builds the credentials are; empty: for those of all
     * @param webhookSecret by which the registry proves what it tells at {@code /v1/webhooks/registry/HOST}, or null if it tells nothing there
     */
    public record Registry(
            String host,
            @DefaultValue List<URI> mirrors,
            @DefaultValue("false") boolean plainHttp,
            @Nullable String username,
            @Nullable String password,
            @DefaultValue List<String> projects,
            @Nullable String webhookSecret) {
        private static final int LEAST_SECRET = 32;

        public Registry {
            Objects.requireNonNull(host, "slipway.registries[].host is missing");
            mirrors = List.copyOf(mirrors);
            projects = List.copyOf(projects);
            require(
                    projects.isEmpty() || username != null,
                    "slipway.registries: " + host
                            + " has projects, which say for whom username and password are, but neither");
            require(
                    (username == null) == (password == null),
                    "slipway.registries: " + host + " needs both username and password, or neither");
            require(
                    webhookSecret == null || webhookSecret.length() >= LEAST_SECRET,
                    "slipway.registries: the webhook-secret of " + host + " must have " + LEAST_SECRET
                            + " characters at least");
        }

        /**
         * Whether the credentials are for somebody.
         *
         * @param project whose builds, or null for whoever asks in no project's name
         */
        public boolean isFor(@Nullable String project) {
            return projects.isEmpty() || (project != null && projects.contains(project));
        }

        /** @param project with the credentials that its builds have; null: with none */
        RegistrySettings toSettings(@Nullable String project) {
            boolean known = project != null && isFor(project);
            return new RegistrySettings(
                    host,
                    mirrors.stream().map(URI::toString).toList(),
                    plainHttp,
                    known ? username : null,
                    known ? password : null,
                    // The service by itself does not have those of a few: what they fetch is theirs.
                    known && !projects.isEmpty());
        }

        /** Leaves password and secret out. */
        @Override
        public String toString() {
            return "Registry[host=" + host + "]";
        }
    }

    /**
     * How registries are reached, as a worker is told.
     *
     * @param project with the credentials that its builds have; null: with none
     */
    public List<RegistrySettings> registrySettings(@Nullable String project) {
        return registries.stream().map(registry -> registry.toSettings(project)).toList();
    }

    private static void require(boolean holds, String message) {
        if (!holds) {
            throw new IllegalArgumentException(message);
        }
    }
}
