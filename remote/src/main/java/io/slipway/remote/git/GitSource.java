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
 * @param username user name for http and https, or null
 * @param password password or token for http and https, or null
 */
public record GitSource(
        String url,
        @Nullable String ref,
        @Nullable String subdirectory,
        boolean submodules,
        @Nullable String username,
        @Nullable String password) {

    /** Leaves the password out, so that a source can be logged. */
    @Override
    public String toString() {
        return "GitSource[url=" + GitUrls.withoutPassword(url) + ", ref=" + ref + ", subdirectory=" + subdirectory
                + "]";
    }
}
