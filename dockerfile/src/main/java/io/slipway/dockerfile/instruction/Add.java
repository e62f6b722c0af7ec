package io.slipway.dockerfile.instruction;

import io.slipway.dockerfile.source.DockerfileException;
import io.slipway.dockerfile.source.InvalidValueException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code ADD [flags] SOURCE … DESTINATION}: copies files of the build context, downloads, checks out repositories, and unpacks archives.
 *
 * @param ownership the flags {@code --chown} and {@code --chmod}
 * @param link whether the files become a layer of their own that does not depend on what is below ({@code --link})
 * @param keepGitDir whether a checkout keeps {@code .git}; null if the flag is not given, and the address decides
 * @param unpack whether archives are unpacked; null if the flag is not given: local ones are, downloaded ones are not
 * @param checksum the word of {@code --checksum}, or null
 * @param excludes the patterns of {@code --exclude}; never expanded
 * @param sources paths first, then heredocs, which is the order in which they are copied
 * @param destination a path; relative to the working directory if it is not absolute
 */
public record Add(
        Origin origin,
        Ownership ownership,
        boolean link,
        @Nullable Boolean keepGitDir,
        @Nullable Boolean unpack,
        @Nullable String checksum,
        List<String> excludes,
        List<CopySource> sources,
        String destination)
        implements Instruction {

    public Add {
        excludes = List.copyOf(excludes);
        sources = List.copyOf(sources);
    }

    /**
     * Checks what can only be known after expansion: the mode, the addresses, and that {@code --checksum} belongs to one source that can have it.
     *
     * @throws DockerfileException at the instruction, if something is not valid
     */
    public void requireValid() {
        try {
            ownership.mode();
            CopySource.requireNames(sources, destination);
            List<AddSource> addressed = sources.stream()
                    .filter(CopySource.Path.class::isInstance)
                    .map(source -> AddSource.parse(((CopySource.Path) source).word()))
                    .toList();
            if (checksum != null && !checksum.isEmpty()) {
                checkChecksum(checksum, addressed);
            }
            for (AddSource source : addressed) {
                if (source instanceof AddSource.Git(GitAddress address)) {
                    checkAgreement(address);
                }
            }
        } catch (InvalidValueException e) {
            throw e.at(origin.range());
        }
    }

    /** What flag and address both say has to be the same. */
    private void checkAgreement(GitAddress address) {
        if (keepGitDir != null && address.keepGitDir() != null && !keepGitDir.equals(address.keepGitDir())) {
            throw new InvalidValueException("--keep-git-dir=" + keepGitDir + " and the address's keep-git-dir="
                    + address.keepGitDir() + " contradict each other");
        }
        String named = address.checksum();
        if (checksum != null && !checksum.isEmpty() && named != null && !checksum.equals(named)) {
            throw new InvalidValueException(
                    "--checksum=" + checksum + " and the address's checksum=" + named + " are not the same");
        }
    }

    private void checkChecksum(String expected, List<AddSource> addressed) {
        if (sources.size() != 1) {
            throw new InvalidValueException("ADD --checksum takes one source, and there are " + sources.size());
        }
        if (addressed.isEmpty() || addressed.getFirst() instanceof AddSource.Local) {
            throw new InvalidValueException("ADD --checksum needs a URL or a repository as its source");
        }
        boolean http = addressed.getFirst() instanceof AddSource.Http;
        if (http && !expected.matches("sha256:[0-9a-f]{64}")) {
            throw new InvalidValueException(
                    "--checksum=" + expected + " is not a digest", "write sha256: and 64 hexadecimal digits");
        }
        if (!http && !expected.matches("[0-9a-f]{1,64}")) {
            throw new InvalidValueException(
                    "--checksum=" + expected + " is not a commit", "write the commit's hexadecimal digits");
        }
    }
}
