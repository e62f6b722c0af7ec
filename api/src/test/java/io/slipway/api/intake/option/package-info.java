/** Tests of the options' table and its two readers. */
@NullMarked
package io.slipway.api.intake.option;

import org.jspecify.annotations.NullMarked;
