/** The {@code /v2/} endpoint: images of succeeded builds, pulled with any registry client (OCI distribution specification 1.1). */
@NullMarked
package io.slipway.api.registry;

import org.jspecify.annotations.NullMarked;
