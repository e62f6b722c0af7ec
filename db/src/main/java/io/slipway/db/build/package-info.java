/** Builds in the database: the queue, what a running build reports, its log, and reading all of it back. */
@NullMarked
package io.slipway.db.build;

import org.jspecify.annotations.NullMarked;
