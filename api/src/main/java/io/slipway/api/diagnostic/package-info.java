/** What each line of the service's log says beside its text: which request, build and worker it is about. */
@NullMarked
package io.slipway.api.diagnostic;

import org.jspecify.annotations.NullMarked;
