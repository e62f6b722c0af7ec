/** The audit log: who did what to what, written in the transaction that does it. */
@NullMarked
package io.slipway.db.audit;

import org.jspecify.annotations.NullMarked;
