package io.slipway.db.access;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A token that is to be stored.
 *
 * @param id unique, {@code tok_…}
 * @param name for people
 * @param project the only project that it is good for, or null for every one
 * @param role what it may do there
 * @param hash SHA-256 of the token
 * @param prefix the first characters of the token
 * @param createdBy who makes it, or null for the service itself
 * @param expiresAt from when it is not valid any more, or null
 */
@SuppressWarnings("ArrayRecordComponent") // handed on as it is, never compared
public record NewToken(
        String id,
        String name,
        @Nullable String project,
        Role role,
        byte[] hash,
        String prefix,
        @Nullable String createdBy,
        @Nullable Instant expiresAt) {}
