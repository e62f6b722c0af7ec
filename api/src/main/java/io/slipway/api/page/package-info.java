/** Lists in pages: how many, where to go on, and the address of the next page. */
@NullMarked
package io.slipway.api.page;

import org.jspecify.annotations.NullMarked;
