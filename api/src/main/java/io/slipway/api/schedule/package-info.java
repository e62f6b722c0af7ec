/** What the service does again and again. */
@NullMarked
package io.slipway.api.schedule;

import org.jspecify.annotations.NullMarked;
