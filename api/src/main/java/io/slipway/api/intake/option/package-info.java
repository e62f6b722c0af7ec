/** What a caller can choose about a build: one table of options, read alike from a query string and from JSON. */
@NullMarked
package io.slipway.api.intake.option;

import org.jspecify.annotations.NullMarked;
