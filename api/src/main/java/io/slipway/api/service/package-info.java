/** What the service as a whole says about itself. */
@NullMarked
package io.slipway.api.service;

import org.jspecify.annotations.NullMarked;
