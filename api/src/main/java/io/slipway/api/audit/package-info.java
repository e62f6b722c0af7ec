/** The audit log, as it is shown and as it stands in the service's log. */
@NullMarked
package io.slipway.api.audit;

import org.jspecify.annotations.NullMarked;
