/** What is said of Dockerfiles that are not built. */
@NullMarked
package io.slipway.dockerfile.outline;

import org.jspecify.annotations.NullMarked;
