package io.slipway.api.secret;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.slipway.api.SlipwayProperties;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** The keys that the service knows: the first encrypts, all decrypt. Read once, at the start. Immutable. */
final class SecretKeys {
    /** So many bytes name a key. */
    static final int ID_BYTES = 8;

    private static final int KEY_BYTES = 32;
    private static final int MOST_BYTES = 16 * 1024;
    private static final Duration COMMAND_LIMIT = Duration.ofSeconds(30);

    private final List<Key> keys;

    private SecretKeys(List<Key> keys) {
        this.keys = List.copyOf(keys);
    }

    /**
     * A key.
     *
     * @param id names it; made from the key, and tells nothing about it
     */
    @SuppressWarnings("ArrayRecordComponent") // neither is changed
    record Key(byte[] id, SecretKeySpec key) {
        /** The id in hexadecimal. */
        String name() {
            return HexFormat.of().formatHex(id);
        }

        /** The id only. */
        @Override
        public String toString() {
            return "Key[" + name() + "]";
        }
    }

    /** @throws SecretKeyException if there is no key, or something that is none */
    static SecretKeys of(SlipwayProperties properties) {
        return properties.secretKeyCommand().isEmpty()
                ? ofFile(properties.secretKeyFile())
                : ofCommand(properties.secretKeyCommand());
    }

    /** The keys in a file, which is made with one key if it is not there. */
    static SecretKeys ofFile(Path file) {
        String what = "The key file " + file;
        try {
            return parse(readOrCreate(file), what);
        } catch (IOException e) {
            throw new SecretKeyException(what + " can't be read: " + e.getMessage(), e);
        }
    }

    /** The keys that a command writes to its standard output. */
    static SecretKeys ofCommand(List<String> command) {
        String what = "slipway.secret-key-command (" + command.getFirst() + ")";
        Process process;
        try {
            process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
        } catch (IOException e) {
            throw new SecretKeyException(what + " can't be started: " + e.getMessage(), e);
        }
        try {
            process.getOutputStream().close();
            CompletableFuture<byte[]> output = CompletableFuture.supplyAsync(() -> read(process));
            byte[] text = output.get(COMMAND_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
            if (!process.waitFor(COMMAND_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new TimeoutException();
            }
            if (process.exitValue() != 0) {
                throw new SecretKeyException(what + " exited with status " + process.exitValue() + ".", null);
            }
            return parse(new String(text, UTF_8), what);
        } catch (TimeoutException e) {
            throw new SecretKeyException(what + " did not end within " + COMMAND_LIMIT.toSeconds() + " seconds.", e);
        } catch (ExecutionException | IOException e) {
            throw new SecretKeyException(what + " can't be read from.", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SecretKeyException(what + " was interrupted.", e);
        } finally {
            process.destroyForcibly();
        }
    }

    private static byte[] read(Process process) {
        try (InputStream output = process.getInputStream()) {
            return output.readNBytes(MOST_BYTES);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static SecretKeys parse(String text, String what) {
        List<Key> keys = new ArrayList<>();
        for (String line :
                text.lines().map(String::strip).filter(each -> !each.isEmpty()).toList()) {
            byte[] bytes;
            try {
                bytes = Base64.getDecoder().decode(line);
            } catch (IllegalArgumentException e) {
                // The decoder's own message has a character of what may be a key.
                throw new SecretKeyException(what + " has a line that is not base64.", null);
            }
            if (bytes.length != KEY_BYTES) {
                throw new SecretKeyException(
                        what + " has a line that is no key of " + KEY_BYTES + " bytes in base64.", null);
            }
            SecretKeySpec key = new SecretKeySpec(bytes, "AES");
            keys.add(new Key(id(bytes), key));
        }
        if (keys.isEmpty()) {
            throw new SecretKeyException(what + " has no key.", null);
        }
        return new SecretKeys(keys);
    }

    /** A key is 256 random bits, from a part of whose keyed hash nobody learns anything. */
    private static byte[] id(byte[] key) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            return Arrays.copyOf(mac.doFinal("slipway key id".getBytes(UTF_8)), ID_BYTES);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has HmacSHA256", e);
        }
    }

    private static String readOrCreate(Path file) throws IOException {
        if (!Files.exists(file)) {
            Files.createDirectories(file.toAbsolutePath().getParent());
            byte[] fresh = new byte[KEY_BYTES];
            new SecureRandom().nextBytes(fresh);
            Path unfinished = file.resolveSibling(file.getFileName() + "." + UUID.randomUUID());
            Files.createFile(
                    unfinished, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            Files.writeString(unfinished, Base64.getEncoder().encodeToString(fresh) + "\n");
            try {
                // Whole or not at all, and never over a key that another service has just made.
                Files.createLink(file, unfinished);
            } catch (FileAlreadyExistsException e) {
                return Files.readString(file);
            } finally {
                Files.delete(unfinished);
            }
        }
        return Files.readString(file);
    }

    /** The one that encrypts. */
    Key current() {
        return keys.getFirst();
    }

    /** All of them, the one that encrypts first. */
    List<Key> all() {
        return keys;
    }

    /** The key of that id. */
    Optional<Key> find(byte[] id) {
        return keys.stream().filter(key -> Arrays.equals(key.id(), id)).findFirst();
    }
}
