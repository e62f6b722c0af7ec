/** What the builds of a project may do: set by who runs the service, checked before a build is queued. */
@NullMarked
package io.slipway.api.policy;

import org.jspecify.annotations.NullMarked;
