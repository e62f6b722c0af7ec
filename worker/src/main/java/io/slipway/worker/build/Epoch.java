package io.slipway.worker.build;

import io.slipway.dockerfile.Dockerfile;
import io.slipway.dockerfile.check.Checks;
import io.slipway.dockerfile.check.Rule;
import io.slipway.dockerfile.instruction.Add;
import io.slipway.dockerfile.instruction.AddSource;
import io.slipway.dockerfile.instruction.GitAddress;
import io.slipway.dockerfile.stage.EpochSource;
import io.slipway.dockerfile.stage.GlobalScope;
import io.slipway.protocol.BuildEvent;
import io.slipway.protocol.BuildSpec;
import io.slipway.worker.remote.Remotes;
import java.io.IOException;
import java.time.Instant;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * {@code SOURCE_DATE_EPOCH}, as the build's option and as an argument of the Dockerfile (dockerfile.md §6). The option wins over the argument. What
 * has no time, such as files that were sent along, leaves it unset as the reference does, and a warning says so. Used by one thread.
 */
final class Epoch {

    private final BuildSpec spec;
    private final Dockerfile dockerfile;
    private final Contexts contexts;
    private final Remotes remotes;
    private final StepLog log;
    private final Set<String> warned = new HashSet<>();

    Epoch(BuildSpec spec, Dockerfile dockerfile, Contexts contexts, Remotes remotes, StepLog log) {
        this.spec = spec;
        this.dockerfile = dockerfile;
        this.contexts = contexts;
        this.remotes = remotes;
        this.log = log;
    }

    /**
     * The same scope with seconds in place of a name, and with nothing in place of what has no time.
     *
     * @throws io.slipway.dockerfile.source.DockerfileException if the argument names nothing that could have a time
     * @throws io.slipway.remote.SourceException if what it names can't be fetched
     */
    GlobalScope resolve(GlobalScope global) throws IOException {
        EpochSource source = EpochSource.of(dockerfile, global, contexts.names());
        if (source == null || source instanceof EpochSource.Seconds) {
            return global;
        }
        Instant time = switch (source) {
            case EpochSource.Seconds(long seconds) -> Instant.ofEpochSecond(seconds);
            case EpochSource.OfMainContext() -> contexts.mainTime();
            case EpochSource.OfContext(String name) -> contexts.time(name);
            case EpochSource.OfAdd(Add add, AddSource from) -> time(add, from);
        };
        if (time == null && spec.sourceDateEpoch() == null) {
            warn(String.valueOf(EpochSource.value(global)));
        }
        return global.withValue(EpochSource.ARGUMENT, time == null ? "" : Long.toString(time.getEpochSecond()));
    }

    /** The time that counts for a scope that was resolved, or null. */
    @Nullable
    Instant of(GlobalScope resolved) {
        String option = spec.sourceDateEpoch();
        if (option == null) {
            return EpochSource.of(dockerfile, resolved, contexts.names()) instanceof EpochSource.Seconds(long seconds)
                    ? Instant.ofEpochSecond(seconds)
                    : null;
        }
        if (!option.equals(EpochSource.CONTEXT)) {
            return Instant.ofEpochSecond(Long.parseLong(option));
        }
        Instant time = contexts.mainTime();
        if (time == null) {
            warn(option);
        }
        return time;
    }

    private @Nullable Instant time(Add add, AddSource source) throws IOException {
        String checksum = add.checksum() == null || add.checksum().isEmpty() ? null : add.checksum();
        return switch (source) {
            case AddSource.Http(String url) -> remotes.file(url, checksum).time();
            case AddSource.Git(GitAddress address) ->
                remotes.repository(address, checksum, add.keepGitDir()).time();
            case AddSource.Local _ -> throw new IllegalArgumentException("a local file: " + source);
        };
    }

    private void warn(String name) {
        boolean skipped = Checks.options(dockerfile, spec.buildArgs()).skips(Rule.SOURCE_DATE_EPOCH_UNSET.label());
        if (!skipped && warned.add(name)) {
            log.emit(
                    new BuildEvent.Warned(
                            Instant.now(),
                            null,
                            Rule.SOURCE_DATE_EPOCH_UNSET.label(),
                            "SOURCE_DATE_EPOCH is " + name
                                    + ", which has no time of its own, and so is not set: a commit or a file of an HTTP server has one"));
        }
    }
}
