/** Pages for people who come with a browser. */
@NullMarked
package io.slipway.api.html;

import org.jspecify.annotations.NullMarked;
