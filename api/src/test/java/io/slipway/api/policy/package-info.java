@NullMarked
package io.slipway.api.policy;

import org.jspecify.annotations.NullMarked;
