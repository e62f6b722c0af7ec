/** Tests that hold openapi.yaml and the documentation to the code. */
@NullMarked
package io.slipway.api.contract;

import org.jspecify.annotations.NullMarked;
