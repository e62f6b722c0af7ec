package io.slipway.remote.git;

import io.slipway.remote.SourceException;
import io.slipway.remote.SourceException.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import javax.security.auth.login.LoginException;
import org.apache.sshd.common.NamedResource;
import org.apache.sshd.common.config.keys.FilePasswordProvider;
import org.apache.sshd.common.util.security.SecurityUtils;
import org.jspecify.annotations.Nullable;

/** The private key for ssh servers. JGit only skips one that it can't read, and then says that the server refuses. */
final class SshKey {
    private SshKey() {}

    /**
     * Reads the key, to see whether that is possible.
     *
     * @throws SourceException of kind {@link Kind#AUTH} if it is not, which says why without the file's path
     */
    static void requireUsable(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            Iterable<KeyPair> pairs = SecurityUtils.loadKeyPairIdentities(
                    null, NamedResource.ofName("key"), in, FilePasswordProvider.EMPTY);
            if (pairs == null || !pairs.iterator().hasNext()) {
                throw unusable("there is no private key in the file", null);
            }
        } catch (NoSuchFileException e) {
            throw unusable("there is no such file", e);
        } catch (AccessDeniedException e) {
            throw unusable("Slipway may not read the file", e);
        } catch (LoginException e) {
            throw unusable("it has a passphrase", e);
        } catch (IOException | GeneralSecurityException e) {
            throw unusable("it is broken, or of a kind that is not known", e);
        }
    }

    private static SourceException unusable(String why, @Nullable Exception cause) {
        String message = "the private key for ssh can't be read: " + why;
        String hint =
                "whoever runs Slipway names a private key without a passphrase in the setting slipway.git.ssh-key";
        return cause == null
                ? new SourceException(Kind.AUTH, message, hint)
                : new SourceException(Kind.AUTH, message, hint, cause);
    }
}
