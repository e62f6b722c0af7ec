/** Fetching from servers that a user names: where connections may go, how long it may take, how it fails. */
@NullMarked
package io.slipway.remote;

import org.jspecify.annotations.NullMarked;
