package io.slipway.dockerfile.instruction;

import io.slipway.dockerfile.source.InvalidValueException;

/** Where a source word of ADD, after expansion, gets its files from (dockerfile.md §5 ADD). */
public sealed interface AddSource {

    /** A path of the build context, with wildcards. */
    record Local(String path) implements AddSource {}

    /**
     * A file to download.
     *
     * @param url starts with {@code http://} or {@code https://}
     */
    record Http(String url) implements AddSource {}

    /** A repository to check out. */
    record Git(GitAddress address) implements AddSource {}

    /**
     * @throws InvalidValueException if {@code word} is a repository's address with parts that do not go together
     */
    static AddSource parse(String word) {
        GitAddress git = GitAddress.parse(word);
        if (git != null) {
            return new Git(git);
        }
        boolean http = word.startsWith("http://") || word.startsWith("https://");
        return http ? new Http(word) : new Local(word);
    }

    /** Whether {@code word} is a path of the build context. */
    static boolean isLocal(String word) {
        return !GitAddress.isGit(word) && !word.startsWith("http://") && !word.startsWith("https://");
    }
}
