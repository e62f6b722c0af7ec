/** What the service says of itself. */
@NullMarked
package io.slipway.api.service;

import org.jspecify.annotations.NullMarked;
