package io.slipway.worker.copy;

import io.slipway.dockerfile.instruction.Heredoc;
import io.slipway.dockerfile.instruction.Ownership;
import java.util.List;

/**
 * A COPY or ADD whose words are expanded.
 *
 * @param words paths in the source tree, and addresses
 * @param heredocs files whose text stands in the Dockerfile
 * @param destination the destination as written: a slash at its end counts
 * @param workingDirectory what a relative destination is relative to
 * @param ownership what {@code --chown} and {@code --chmod} say; valid
 * @param unpack which archives among the sources are unpacked
 * @param excludes patterns of {@code --exclude}
 * @param parents {@code --parents}: directories of the words are kept
 * @param link {@code --link}: the layer does not depend on what is below, and follows no symlink there
 */
public record CopyRequest(
        List<String> words,
        List<Heredoc> heredocs,
        String destination,
        String workingDirectory,
        Ownership ownership,
        Unpack unpack,
        List<String> excludes,
        boolean parents,
        boolean link) {

    public CopyRequest {
        words = List.copyOf(words);
        heredocs = List.copyOf(heredocs);
        excludes = List.copyOf(excludes);
    }

    /** The same with other words. */
    public CopyRequest withWords(List<String> others) {
        return new CopyRequest(
                others, heredocs, destination, workingDirectory, ownership, unpack, excludes, parents, link);
    }

    /** {@code COPY WORD DESTINATION} without a flag, in the root. */
    public static CopyRequest plain(String word, String destination) {
        return new CopyRequest(
                List.of(word),
                List.of(),
                destination,
                "/",
                new Ownership(null, null),
                Unpack.NOTHING,
                List.of(),
                false,
                false);
    }
}
