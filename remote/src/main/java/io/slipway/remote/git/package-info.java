/** Files of git repositories: fetched shallowly and turned into a tar without a work tree. */
@NullMarked
package io.slipway.remote.git;

import org.jspecify.annotations.NullMarked;
