/** What projects give their builds and nobody may read: secrets, who has used them, credentials for registries, and the keys of all that is encrypted. */
@NullMarked
package io.slipway.db.secret;

import org.jspecify.annotations.NullMarked;
