/** Tests of git repositories, over every protocol. */
@NullMarked
package io.slipway.remote.git;

import org.jspecify.annotations.NullMarked;
