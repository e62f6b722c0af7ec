package io.slipway.api.secret;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.slipway.db.secret.SealedTexts;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import java.util.List;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SecretBoxTest {
    private static final byte[] TEXT = "confidential".getBytes(StandardCharsets.UTF_8);

    @TempDir
    private Path folder;

    @Test
    void whatWasSealedCanBeOpenedAfterARestart() throws IOException {
        String sealed = new SecretBox(SecretKeys.ofFile(key())).seal("bld_1", TEXT);
        assertThat(new SecretBox(SecretKeys.ofFile(key())).open("bld_1", sealed))
                .isEqualTo(TEXT);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(key())))
                .isEqualTo("rw-------");
    }

    @Test
    void theSameTextIsNeverSealedToTheSame() throws IOException {
        SecretBox box = new SecretBox(SecretKeys.ofFile(key()));
        assertThat(box.seal("bld_1", TEXT)).isNotEqualTo(box.seal("bld_1", TEXT));
    }

    @Test
    void nobodyElseCanOpenIt() throws IOException {
        SecretBox box = new SecretBox(SecretKeys.ofFile(key()));
        String sealed = box.seal("bld_1", TEXT);
        assertThatThrownBy(() -> box.open("bld_2", sealed)).isInstanceOf(IllegalStateException.class);
        SecretBox other = new SecretBox(SecretKeys.ofFile(folder.resolve("other")));
        assertThatThrownBy(() -> other.open("bld_1", sealed)).hasMessageContaining("does not have");
    }

    @Test
    void whatWasChangedIsNotOpened() throws IOException {
        SecretBox box = new SecretBox(SecretKeys.ofFile(key()));
        byte[] sealed = Base64.getDecoder().decode(box.seal("bld_1", TEXT));
        for (int i = 0; i < sealed.length; i++) {
            byte[] changed = sealed.clone();
            changed[i] ^= 1;
            String text = Base64.getEncoder().encodeToString(changed);
            assertThatThrownBy(() -> box.open("bld_1", text)).as("byte %d", i).isInstanceOf(RuntimeException.class);
        }
    }

    @Test
    void aFileThatHoldsNoKeyIsRefusedByName() throws IOException {
        Files.writeString(key(), "c2hvcnQ=\n");
        assertThatThrownBy(() -> new SecretBox(SecretKeys.ofFile(key()))).hasMessageContaining(key().toString());
    }

    @Test
    void severalKeysAreKnownAndTheFirstEncrypts() throws IOException {
        Path other = folder.resolve("other");
        String old = new SecretBox(SecretKeys.ofFile(key())).seal("bld_1", TEXT);
        SecretKeys.ofFile(other);
        Files.writeString(other, Files.readString(other) + "\n" + Files.readString(key()));
        SecretBox both = new SecretBox(SecretKeys.ofFile(other));
        assertThat(both.open("bld_1", old)).isEqualTo(TEXT);
        String fresh = both.reseal("bld_1", old);
        assertThat(fresh).startsWith(SecretBox.mark(both.keys().current()));
        assertThat(old).doesNotStartWith(SecretBox.mark(both.keys().current()));
        assertThat(SecretBox.mark(both.keys().current())).hasSize(SealedTexts.MARK);
    }

    @Test
    void whatAnEarlierVersionEncryptedIsRead() throws Exception {
        SecretKeys keys = SecretKeys.ofFile(key());
        byte[] nonce = new byte[12];
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(Cipher.ENCRYPT_MODE, keys.current().key(), new GCMParameterSpec(128, nonce));
        cipher.updateAAD("bld_1".getBytes(StandardCharsets.UTF_8));
        byte[] sealed = cipher.doFinal(TEXT);
        byte[] whole = ByteBuffer.allocate(13 + sealed.length)
                .put((byte) 1)
                .put(nonce)
                .put(sealed)
                .array();
        String text = Base64.getEncoder().encodeToString(whole);
        assertThat(new SecretBox(keys).open("bld_1", text)).isEqualTo(TEXT);
        assertThat(SecretBox.isWithoutKey(text.substring(0, SealedTexts.MARK))).isTrue();
    }

    @Test
    void keysComeFromACommandToo() throws IOException {
        SecretKeys.ofFile(key());
        assertThat(SecretKeys.ofCommand(List.of("cat", key().toString()))
                        .current()
                        .name())
                .isEqualTo(SecretKeys.ofFile(key()).current().name());
        assertThatThrownBy(() -> SecretKeys.ofCommand(List.of("false"))).hasMessageContaining("status 1");
        assertThatThrownBy(() -> SecretKeys.ofCommand(List.of("true"))).hasMessageContaining("has no key");
        assertThatThrownBy(() -> SecretKeys.ofCommand(List.of("/no/such/program")))
                .hasMessageContaining("can't be started");
        assertThatThrownBy(() -> SecretKeys.ofCommand(List.of("echo", "?sekret?")))
                .hasMessageContaining("not base64")
                .message()
                .doesNotContain("sekret");
    }

    private Path key() {
        return folder.resolve("secret-key");
    }
}
