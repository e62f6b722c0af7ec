/** One build: graph, cache, sandbox, snapshots, commit, export. */
@NullMarked
package io.slipway.worker;

import org.jspecify.annotations.NullMarked;
