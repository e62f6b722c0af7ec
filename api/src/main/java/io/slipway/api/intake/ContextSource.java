package io.slipway.api.intake;

import io.slipway.remote.git.GitSource;
import io.slipway.remote.http.HttpSource;

/** Where a context that is not part of the request comes from. */
sealed interface ContextSource {
    /** A git repository. */
    record Git(GitSource source) implements ContextSource {}

    /** A tar, or a single Dockerfile, on an HTTP server. */
    record Http(HttpSource source) implements ContextSource {}
}
