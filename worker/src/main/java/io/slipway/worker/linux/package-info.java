/** The few system calls that Java has no API for, each a named method that cites its man page. */
@NullMarked
package io.slipway.worker.linux;

import org.jspecify.annotations.NullMarked;
