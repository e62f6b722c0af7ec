package io.slipway.dockerfile.instruction;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code ADD [flags] SOURCE … DESTINATION}: copies files of the build context, downloads, checks out repositories, and unpacks archives.
 *
 * @param ownership the flags {@code --chown} and {@code --chmod}
 * @param link whether the files become a layer of their own that does not depend on what is below ({@code --link})
 * @param keepGitDir whether a checkout keeps {@code .git}; null if the flag is not given, and the address decides
 * @param unpack whether archives are unpacked; null if the flag is not given: local ones are, downloaded ones are not
 * @param checksum the word of {@code --checksum}, or null
 * @param excludes the patterns of {@code --exclude}; never expanded
 * @param sources paths first, then heredocs, which is the order in which they are copied
 * @param destination a path; relative to the working directory if it is not absolute
 */
public record Add(
        Origin origin,
        Ownership ownership,
        boolean link,
        @Nullable Boolean keepGitDir,
        @Nullable Boolean unpack,
        @Nullable String checksum,
        List<String> excludes,
        List<CopySource> sources,
        String destination)
        implements Instruction {

    public Add {
        excludes = List.copyOf(excludes);
        sources = List.copyOf(sources);
    }
}
