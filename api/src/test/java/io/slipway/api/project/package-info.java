@NullMarked
package io.slipway.api.project;

import org.jspecify.annotations.NullMarked;
