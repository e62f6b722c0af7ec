/** Build contexts from HTTP servers. */
@NullMarked
package io.slipway.api.intake.http;

import org.jspecify.annotations.NullMarked;
