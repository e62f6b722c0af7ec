/** The others of a build played in the worker itself, so that it can go through a whole build before the real one comes. */
@NullMarked
package io.slipway.worker.rehearsal;

import org.jspecify.annotations.NullMarked;
