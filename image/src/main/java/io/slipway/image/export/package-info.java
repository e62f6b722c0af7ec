/** Images as files: OCI layout, docker-archive, root file system. */
@NullMarked
package io.slipway.image.export;

import org.jspecify.annotations.NullMarked;
