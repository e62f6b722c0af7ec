/** The garbage collector of the store, and the measuring of it: a process of its own for a moment (docs/decisions/0013-garbage-collection.md). */
@NullMarked
package io.slipway.worker.collect;

import org.jspecify.annotations.NullMarked;
