package io.slipway.worker.cli;

import io.slipway.dockerfile.ignore.IgnorePatterns;
import io.slipway.dockerfile.source.InvalidValueException;
import io.slipway.dockerfile.stage.ContextAddress;
import io.slipway.dockerfile.stage.ContextName;
import io.slipway.image.Descriptor;
import io.slipway.image.context.ContextArchive;
import io.slipway.image.context.ContextException;
import io.slipway.image.layout.LayoutException;
import io.slipway.image.layout.OciLayout;
import io.slipway.protocol.NamedContext;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/** The values of {@code --build-context}: {@code NAME=VALUE}, as other builders have them. Immutable. */
final class BuildContextOption {
    private static final String IGNORE_FILE = ".dockerignore";

    private final CommandLine command;
    private final Map<String, ContextAddress> addresses;

    private BuildContextOption(CommandLine command, Map<String, ContextAddress> addresses) {
        this.command = command;
        this.addresses = addresses;
    }

    /**
     * Reads the options.
     *
     * @throws ParameterException if one is not written so
     */
    static BuildContextOption read(CommandLine command, Iterable<String> options) {
        Map<String, ContextAddress> addresses = new LinkedHashMap<>();
        for (String option : options) {
            int equals = option.indexOf('=');
            if (equals < 1) {
                throw new ParameterException(command, "--build-context is NAME=VALUE, not " + option);
            }
            try {
                String name = ContextName.of(option.substring(0, equals));
                if (addresses.put(name, ContextAddress.parse(option.substring(equals + 1))) != null) {
                    throw new ParameterException(command, "--build-context gives " + name + " twice");
                }
            } catch (InvalidValueException e) {
                throw refused(command, option, e.hint() == null ? e.message() : e.message() + "; " + e.hint(), e);
            }
        }
        return new BuildContextOption(command, addresses);
    }

    private static ParameterException refused(CommandLine command, String option, String why, Exception cause) {
        return new ParameterException(command, "--build-context " + option + ": " + why, cause);
    }

    /** The names, in their short form. */
    Map<String, ContextAddress> addresses() {
        return addresses;
    }

    /**
     * What the build is given. Directories are packed, as the build context is; what has to be fetched is fetched when a stage needs it.
     *
     * @param work a directory for them
     * @throws ParameterException if a directory is missing, or can't be what it should be
     */
    Map<String, NamedContext> contexts(Path work) throws IOException {
        Map<String, NamedContext> contexts = new LinkedHashMap<>();
        for (Map.Entry<String, ContextAddress> entry : addresses.entrySet()) {
            String name = entry.getKey();
            contexts.put(
                    name,
                    switch (entry.getValue()) {
                        case ContextAddress.Directory(String path) ->
                            packed(
                                    name,
                                    Path.of(path).toAbsolutePath(),
                                    work.resolve("context-" + contexts.size() + ".tar"));
                        case ContextAddress.Layout layout -> layout(name, layout);
                        case ContextAddress.Image(String image) -> new NamedContext.Image(image);
                        case ContextAddress.Git git -> new NamedContext.Repository(git.written());
                        case ContextAddress.Http(String url) -> new NamedContext.Archive(url);
                        case ContextAddress.Build(String id) ->
                            throw new ParameterException(
                                    command,
                                    "--build-context " + name + "=slipway://" + id
                                            + " is a build of a service, and ./dev build has none");
                    });
        }
        return contexts;
    }

    private NamedContext packed(String name, Path directory, Path tar) throws IOException {
        if (!Files.isDirectory(directory)) {
            throw new ParameterException(
                    command, "--build-context " + name + "=" + directory + ": there is no such directory");
        }
        Path ignoreFile = directory.resolve(IGNORE_FILE);
        IgnorePatterns ignored = Files.isRegularFile(ignoreFile)
                ? LocalDockerfile.patterns(command, ignoreFile, Files.readString(ignoreFile, StandardCharsets.UTF_8))
                : IgnorePatterns.NONE;
        try {
            ContextArchive.pack(directory, entry -> ignored.ignoresAllBelow(entry) && !entry.equals(IGNORE_FILE), tar);
        } catch (ContextException e) {
            throw refused(command, name + "=" + directory, String.valueOf(e.getMessage()), e);
        }
        return new NamedContext.Files(tar.toString(), null);
    }

    private NamedContext layout(String name, ContextAddress.Layout address) throws IOException {
        Path directory = Path.of(address.path()).toAbsolutePath();
        if (!Files.isDirectory(directory)) {
            throw new ParameterException(
                    command, "--build-context " + name + ": there is no directory " + address.path());
        }
        try (OciLayout layout = OciLayout.open(directory)) {
            Descriptor image = layout.find(address.name());
            return new NamedContext.Layout(directory.toString(), image.digest().toString(), image.mediaType());
        } catch (LayoutException e) {
            throw refused(command, name + "=oci-layout://" + address.path(), String.valueOf(e.getMessage()), e);
        }
    }
}
