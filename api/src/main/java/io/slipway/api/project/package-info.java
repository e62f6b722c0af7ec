/** Projects, and who may do what in them: tokens and trusted identities. */
@NullMarked
package io.slipway.api.project;

import org.jspecify.annotations.NullMarked;
