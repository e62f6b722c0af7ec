@NullMarked
package io.slipway.api.storage;

import org.jspecify.annotations.NullMarked;
