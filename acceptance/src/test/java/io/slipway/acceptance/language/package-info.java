/** The recorded cases of the Dockerfile language, built for real. */
@NullMarked
package io.slipway.acceptance.language;

import org.jspecify.annotations.NullMarked;
