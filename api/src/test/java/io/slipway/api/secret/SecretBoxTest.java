package io.slipway.api.secret;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SecretBoxTest {
    private static final byte[] TEXT = "confidential".getBytes(StandardCharsets.UTF_8);

    @TempDir
    private Path folder;

    @Test
    void whatWasSealedCanBeOpenedAfterARestart() throws IOException {
        String sealed = new SecretBox(key()).seal("bld_1", TEXT);
        assertThat(new SecretBox(key()).open("bld_1", sealed)).isEqualTo(TEXT);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(key())))
                .isEqualTo("rw-------");
    }

    @Test
    void theSameTextIsNeverSealedToTheSame() throws IOException {
        SecretBox box = new SecretBox(key());
        assertThat(box.seal("bld_1", TEXT)).isNotEqualTo(box.seal("bld_1", TEXT));
    }

    @Test
    void nobodyElseCanOpenIt() throws IOException {
        SecretBox box = new SecretBox(key());
        String sealed = box.seal("bld_1", TEXT);
        assertThatThrownBy(() -> box.open("bld_2", sealed)).isInstanceOf(IllegalStateException.class);
        SecretBox other = new SecretBox(folder.resolve("other"));
        assertThatThrownBy(() -> other.open("bld_1", sealed)).hasMessageContaining("not the one");
    }

    @Test
    void whatWasChangedIsNotOpened() throws IOException {
        SecretBox box = new SecretBox(key());
        byte[] sealed = Base64.getDecoder().decode(box.seal("bld_1", TEXT));
        for (int i = 0; i < sealed.length; i++) {
            byte[] changed = sealed.clone();
            changed[i] ^= 1;
            String text = Base64.getEncoder().encodeToString(changed);
            assertThatThrownBy(() -> box.open("bld_1", text))
                    .as("byte %d", i)
                    .isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void aFileThatHoldsNoKeyIsRefusedByName() throws IOException {
        Files.writeString(key(), "c2hvcnQ=\n");
        assertThatThrownBy(() -> new SecretBox(key())).hasMessageContaining(key().toString());
    }

    private Path key() {
        return folder.resolve("secret-key");
    }
}
