package io.slipway.remote.git;

import org.jspecify.annotations.Nullable;

/**
 * Files in a git repository.
 *
 * @param url the repository: {@code https://}, {@code http://}, {@code ssh://}, {@code git://}, {@code user@host:path}, or
 *     {@code file://} where that is allowed
 * @param ref branch, tag, {@code refs/…} or a whole commit id, or null for the repository's default branch
 * @param subdirectory directory inside the repository that is fetched, or null for its root
 * @param submodules whether submodules are fetched, too
 * @param gitDirectory what {@code .git} there is beside the files, or null for none
 * @param foreign whether the commit is a stranger's, such as a fork's: what it names, its submodules, is fetched without anybody's credentials
 * @param authorization value of the header Authorization for the server of {@code url}, for http and https, or null
 */
public record GitSource(
        String url,
        @Nullable String ref,
        @Nullable String subdirectory,
        boolean submodules,
        @Nullable GitDirectory gitDirectory,
        boolean foreign,
        @Nullable String authorization) {

    /** The same at this object: a commit's id, or that of a tag that leads to one. */
    public GitSource at(String object) {
        return new GitSource(url, object, subdirectory, submodules, gitDirectory, foreign, authorization);
    }

    /** The same with {@code .git}. */
    public GitSource with(GitDirectory kept) {
        return new GitSource(url, ref, subdirectory, submodules, kept, foreign, authorization);
    }

    /** The same, of a stranger. */
    public GitSource ofStranger() {
        return new GitSource(url, ref, subdirectory, submodules, gitDirectory, true, authorization);
    }

    /** {@code URL#REF:DIRECTORY} without credentials. */
    public String address() {
        String named = (ref == null ? "" : ref) + (subdirectory == null ? "" : ":" + subdirectory);
        return GitUrls.withoutPassword(url) + (named.isEmpty() ? "" : "#" + named);
    }

    /** Leaves credentials out, so that a source can be logged. */
    @Override
    public String toString() {
        return "GitSource[url=" + GitUrls.withoutPassword(url) + ", ref=" + ref + ", subdirectory=" + subdirectory
                + "]";
    }
}
