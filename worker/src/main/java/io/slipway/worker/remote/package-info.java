/** What ADD takes from HTTP servers and git repositories: asked for once in a build, and again only if it has changed. */
@NullMarked
package io.slipway.worker.remote;

import org.jspecify.annotations.NullMarked;
