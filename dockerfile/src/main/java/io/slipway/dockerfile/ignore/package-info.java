/** Patterns over paths: .dockerignore, --exclude, and the wildcards of COPY and ADD. */
@NullMarked
package io.slipway.dockerfile.ignore;

import org.jspecify.annotations.NullMarked;
