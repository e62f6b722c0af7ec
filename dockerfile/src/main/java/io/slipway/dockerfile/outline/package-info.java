/** What a Dockerfile is, without building it: its problems, stages, arguments, and what it has to be given. */
@NullMarked
package io.slipway.dockerfile.outline;

import org.jspecify.annotations.NullMarked;
