package io.slipway.db.access;

import io.slipway.db.Row;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Somebody who is trusted without a token of Slipway's: who bears a token of an OpenID provider with this audience and these claims.
 *
 * @param id {@code idn_…}
 * @param name for people
 * @param project where it is trusted, or null for every project
 * @param role what its bearer may do there
 * @param issuer the provider, as its tokens name it ({@code iss})
 * @param audience whom the token must be meant for ({@code aud})
 * @param claims what each of these claims must be; {@code *} stands for any characters
 * @param createdAt null for one of the service's configuration
 * @param createdBy null for one of the service's configuration
 * @param lastUsedAt when somebody came with it last, to the minute or so, or null
 */
public record Identity(
        String id,
        String name,
        @Nullable String project,
        Role role,
        String issuer,
        String audience,
        SortedMap<String, String> claims,
        @Nullable Instant createdAt,
        @Nullable String createdBy,
        @Nullable Instant lastUsedAt) {
    static final String COLUMNS =
            "id, name, project, role, issuer, audience, claim_names, claim_values, created_at, created_by, last_used_at";

    public Identity {
        claims = Collections.unmodifiableSortedMap(new TreeMap<>(claims));
    }

    static Identity from(Row row) {
        List<String> names = row.texts("claim_names");
        List<String> values = row.texts("claim_values");
        SortedMap<String, String> claims = new TreeMap<>();
        for (int i = 0; i < names.size(); i++) {
            claims.put(names.get(i), values.get(i));
        }
        return new Identity(
                row.text("id"),
                row.text("name"),
                row.text("project"),
                Role.stored(row.text("role")),
                row.text("issuer"),
                row.text("audience"),
                claims,
                row.time("created_at"),
                row.textOrNull("created_by"),
                row.timeOrNull("last_used_at"));
    }
}
