/** Tests of contexts from git repositories, over every protocol. */
@NullMarked
package io.slipway.api.intake.git;

import org.jspecify.annotations.NullMarked;
