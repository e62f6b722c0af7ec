/** Postgres: Flyway migrations and the typed queries over them. */
@NullMarked
package io.slipway.db;

import org.jspecify.annotations.NullMarked;
