/** What the queue and the service bear, measured from outside; {@code ./dev bench load} runs it (docs/benchmarks.md). */
@NullMarked
package io.slipway.bench.load;

import org.jspecify.annotations.NullMarked;
