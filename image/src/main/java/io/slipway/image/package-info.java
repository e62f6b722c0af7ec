/** OCI images: descriptors, manifests, configs, layer tars, the content store, registry access. */
@NullMarked
package io.slipway.image;

import org.jspecify.annotations.NullMarked;
