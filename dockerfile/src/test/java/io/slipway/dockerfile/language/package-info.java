/** Reads the recorded cases of the Dockerfile language, for the tests of every room. */
@NullMarked
package io.slipway.dockerfile.language;

import org.jspecify.annotations.NullMarked;
