@NullMarked
package io.slipway.api.upload;

import org.jspecify.annotations.NullMarked;
