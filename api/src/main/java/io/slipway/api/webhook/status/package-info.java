/** Statuses of commits: what the git host is told of the builds of what it has told. */
@NullMarked
package io.slipway.api.webhook.status;

import org.jspecify.annotations.NullMarked;
