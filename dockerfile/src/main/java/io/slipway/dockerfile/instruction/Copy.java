package io.slipway.dockerfile.instruction;

import io.slipway.dockerfile.source.DockerfileException;
import io.slipway.dockerfile.source.InvalidValueException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code COPY [flags] SOURCE … DESTINATION}: copies files of the build context, a stage, an image or a named context.
 *
 * @param from what {@code --from} names (stage, stage index, image or named context), or null for the build context; never expanded
 * @param ownership the flags {@code --chown} and {@code --chmod}
 * @param link whether the files become a layer of their own that does not depend on what is below ({@code --link})
 * @param parents whether the directories of sources are kept ({@code --parents})
 * @param excludes the patterns of {@code --exclude}; never expanded
 * @param sources paths first, then heredocs, which is the order in which they are copied
 * @param destination a path; relative to the working directory if it is not absolute
 */
public record Copy(
        Origin origin,
        @Nullable String from,
        Ownership ownership,
        boolean link,
        boolean parents,
        List<String> excludes,
        List<CopySource> sources,
        String destination)
        implements Instruction {

    public Copy {
        excludes = List.copyOf(excludes);
        sources = List.copyOf(sources);
    }

    /**
     * Checks what can only be known after expansion: the mode, and that no source is an address.
     *
     * @throws DockerfileException at the instruction, if something is not valid
     */
    public void requireValid() {
        try {
            ownership.mode();
            CopySource.requireNames(sources, destination);
            for (CopySource source : sources) {
                if (source instanceof CopySource.Path(String word) && !AddSource.isLocal(word)) {
                    String kind = GitAddress.isGit(word) ? "a repository" : "a URL";
                    throw new InvalidValueException("COPY cannot copy from " + kind + ": " + word, "use ADD");
                }
            }
        } catch (InvalidValueException e) {
            throw e.at(origin.range());
        }
    }
}
