package io.slipway.dockerfile.stage;

import io.slipway.dockerfile.Dockerfile;
import io.slipway.dockerfile.instruction.Add;
import io.slipway.dockerfile.instruction.AddSource;
import io.slipway.dockerfile.source.DockerfileException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Where {@code SOURCE_DATE_EPOCH} takes its time from (dockerfile.md §6). */
public sealed interface EpochSource {
    /** The name of the argument. */
    String ARGUMENT = "SOURCE_DATE_EPOCH";

    /** The word for the build's own context. */
    String CONTEXT = "context";

    /** The last second of the year 9999: later times have no RFC 3339 form. */
    long LATEST = 253_402_300_799L;

    /** A time that is given: seconds since 1970. */
    record Seconds(long seconds) implements EpochSource {}

    /** The build's own context. */
    record OfMainContext() implements EpochSource {}

    /**
     * A named context, which goes before a stage of that name.
     *
     * @param name its name as the build has it
     */
    record OfContext(String name) implements EpochSource {}

    /**
     * What the one ADD of a stage fetches.
     *
     * @param add the instruction, expanded
     * @param source its only source; never {@link AddSource.Local}
     */
    record OfAdd(Add add, AddSource source) implements EpochSource {}

    /**
     * What the argument says, as it was given or as its default is.
     *
     * @param contexts names of the build's named contexts
     * @return null if it says nothing
     * @throws DockerfileException if it is no time and names nothing that has one
     */
    @Nullable
    static EpochSource of(Dockerfile dockerfile, GlobalScope global, Set<String> contexts) {
        String value = value(global);
        return value == null || value.isEmpty() ? null : new EpochReader(dockerfile, global, contexts).read(value);
    }

    /** The argument's value, or null. */
    @Nullable
    static String value(GlobalScope global) {
        String given = global.buildArguments().get(ARGUMENT);
        return given != null ? given : global.value(ARGUMENT);
    }
}
