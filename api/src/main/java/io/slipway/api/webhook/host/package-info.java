/** What each git host sends: how it proves who it is, and what its payloads say. Pure, no I/O. */
@NullMarked
package io.slipway.api.webhook.host;

import org.jspecify.annotations.NullMarked;
