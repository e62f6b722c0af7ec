/** What contexts that are fetched have in common: where they may come from, how long it may take, how it fails. */
@NullMarked
package io.slipway.api.intake.source;

import org.jspecify.annotations.NullMarked;
