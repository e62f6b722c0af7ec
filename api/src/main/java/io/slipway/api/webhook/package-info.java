/** Webhooks of git hosts: triggers, what is delivered to them, what is decided, and the builds that come of it. */
@NullMarked
package io.slipway.api.webhook;

import org.jspecify.annotations.NullMarked;
