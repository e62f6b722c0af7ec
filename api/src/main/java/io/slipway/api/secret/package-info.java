/** What is stored but may not be read by whoever reads the database. */
@NullMarked
package io.slipway.api.secret;

import org.jspecify.annotations.NullMarked;
