/** Registry access (OCI distribution specification 1.1): resolve, pull, push, authenticate. {@link io.slipway.image.registry.RegistryClient} is the door. */
@NullMarked
package io.slipway.image.registry;

import org.jspecify.annotations.NullMarked;
