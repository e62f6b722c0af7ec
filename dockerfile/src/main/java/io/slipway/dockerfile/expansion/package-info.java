/** Words to expanded words: variables, quotes, and which parts of which instruction are expanded. */
@NullMarked
package io.slipway.dockerfile.expansion;

import org.jspecify.annotations.NullMarked;
