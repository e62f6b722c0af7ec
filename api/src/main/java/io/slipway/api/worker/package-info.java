/** What workers ask the API: claims and events. */
@NullMarked
package io.slipway.api.worker;

import org.jspecify.annotations.NullMarked;
