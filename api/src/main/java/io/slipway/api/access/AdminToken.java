package io.slipway.api.access;

import io.slipway.api.SlipwayProperties;
import io.slipway.db.access.NewToken;
import io.slipway.db.access.Role;
import io.slipway.db.access.Tokens;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.InitializingBean;
import org.springframework.stereotype.Component;

/**
 * The first administrator's token: made at the first start and written to {@code $SLIPWAY_HOME/admin-token}, which only its owner
 * can read. Whatever token is in that file at a start is valid from then on, and the one that was there before is not; unless somebody has
 * revoked that very token, which then gives way to a new one.
 */
@Component
final class AdminToken implements InitializingBean {
    private static final Logger LOG = LoggerFactory.getLogger(AdminToken.class);
    private static final String NAME = "admin";
    private static final int SHORTEST = 32;

    private final Path file;
    private final Tokens tokens;
    private final Clock clock;

    AdminToken(SlipwayProperties properties, Tokens tokens, Clock clock) {
        this.file = properties.home().resolve("admin-token");
        this.tokens = tokens;
        this.clock = clock;
    }

    @Override
    public void afterPropertiesSet() {
        try {
            if (!Files.exists(file)) {
                Files.createFile(
                        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
                own(write());
            } else if (!own(read())) {
                LOG.warn("The token in {} was revoked; a new one takes its place", file);
                own(write());
            }
        } catch (IOException e) {
            throw new UncheckedIOException("can't keep the administrator's token in " + file, e);
        }
    }

    private boolean own(String token) {
        return tokens.own(new NewToken(
                Tokens.newId(clock.instant()),
                NAME,
                null,
                Role.ADMIN,
                AccessTokens.hash(token),
                AccessTokens.prefix(token),
                null,
                null));
    }

    private String read() throws IOException {
        String token = Files.readString(file).strip();
        if (token.length() < SHORTEST || !AccessTokens.canBeSent(token)) {
            throw new IllegalStateException(file + " holds no token (" + SHORTEST
                    + " characters at least: letters, digits and any of . _ ~ + / -); remove it to get a new one");
        }
        return token;
    }

    private String write() throws IOException {
        String token = AccessTokens.createForCaller();
        Files.writeString(file, token + "\n", StandardOpenOption.TRUNCATE_EXISTING);
        return token;
    }
}
