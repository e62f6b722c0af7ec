/** The database: the embedded PostgreSQL, or the one that is configured. */
@NullMarked
package io.slipway.api.database;

import org.jspecify.annotations.NullMarked;
