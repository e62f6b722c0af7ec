package io.slipway.api.access;

import io.slipway.api.SlipwayProperties;
import io.slipway.db.access.Tokens;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import org.springframework.beans.factory.InitializingBean;
import org.springframework.stereotype.Component;

/**
 * The first administrator's token: made at the first start and written to {@code $SLIPWAY_HOME/admin-token}, which only its owner
 * can read. Whatever token is in that file at a start is valid from then on, and the one that was there before is not.
 */
@Component
final class AdminToken implements InitializingBean {
    private static final String NAME = "admin";

    private final Path file;
    private final Tokens tokens;

    AdminToken(SlipwayProperties properties, Tokens tokens) {
        this.file = properties.home().resolve("admin-token");
        this.tokens = tokens;
    }

    @Override
    public void afterPropertiesSet() {
        byte[] hash = AccessTokens.hash(readOrCreate());
        tokens.add(AccessTokens.create("tok_"), NAME, null, hash);
        tokens.replace(NAME, hash);
    }

    private String readOrCreate() {
        try {
            if (Files.exists(file)) {
                String token = Files.readString(file).strip();
                if (token.length() < 32) {
                    throw new IllegalStateException(
                            file + " holds no token (32 characters at least); remove it to get a new one");
                }
                return token;
            }
            String token = AccessTokens.create("slw_");
            Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            Files.writeString(file, token + "\n", StandardOpenOption.TRUNCATE_EXISTING);
            return token;
        } catch (IOException e) {
            throw new UncheckedIOException("can't keep the administrator's token in " + file, e);
        }
    }
}
