/** What service and worker say to each other about the store: what is in it, and what of it may go. */
@NullMarked
package io.slipway.protocol.storage;

import org.jspecify.annotations.NullMarked;
