/** Micro-benchmarks (JMH) of what every build spends its processor time on. */
@NullMarked
package io.slipway.bench;

import org.jspecify.annotations.NullMarked;
