/** Coverage-guided fuzzing of what reads strangers' bytes; {@code ./dev fuzz} does it for longer. */
@NullMarked
package io.slipway.acceptance.fuzz;

import org.jspecify.annotations.NullMarked;
