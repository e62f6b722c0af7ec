/** Webhooks out: projects are told of their builds, signed as Standard Webhooks says. */
@NullMarked
package io.slipway.api.webhook.outgoing;

import org.jspecify.annotations.NullMarked;
