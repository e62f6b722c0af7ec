package io.slipway.worker.copy;

import io.slipway.dockerfile.instruction.FileMode;
import io.slipway.dockerfile.instruction.Heredoc;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A COPY or ADD whose words are expanded.
 *
 * @param words paths in the source tree, and addresses
 * @param heredocs files whose text stands in the Dockerfile
 * @param destination the destination as written: a slash at its end counts
 * @param workingDirectory what a relative destination is relative to
 * @param chown the text of {@code --chown}, or null
 * @param chmod the mode of {@code --chmod}, or null
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
        @Nullable String chown,
        @Nullable FileMode chmod,
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
                others, heredocs, destination, workingDirectory, chown, chmod, unpack, excludes, parents, link);
    }
}
