/** Tests of registry access, against Debian's docker-registry and against servers that misbehave. */
@NullMarked
package io.slipway.image.registry;

import org.jspecify.annotations.NullMarked;
