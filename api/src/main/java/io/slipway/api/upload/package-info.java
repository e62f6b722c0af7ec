/** Contexts that are sent as a manifest and the contents that the service lacks, and what is kept of them between builds. */
@NullMarked
package io.slipway.api.upload;

import org.jspecify.annotations.NullMarked;
