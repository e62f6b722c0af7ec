/** Build contexts from git repositories: fetched shallowly and turned into a tar without a work tree. */
@NullMarked
package io.slipway.api.intake.git;

import org.jspecify.annotations.NullMarked;
