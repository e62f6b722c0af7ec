/** Who may use the service, and what was already answered: tokens, projects and idempotency keys. */
@NullMarked
package io.slipway.db.access;

import org.jspecify.annotations.NullMarked;
