package io.slipway.api.intake;

import io.slipway.api.SlipwayProperties;
import io.slipway.api.intake.option.BuildOptions;
import io.slipway.api.intake.option.OptionCounts;
import io.slipway.api.problem.ProblemException;
import io.slipway.api.problem.ProblemType;
import io.slipway.db.build.DockerfileText;
import io.slipway.db.build.Warning;
import io.slipway.dockerfile.Beginning;
import io.slipway.dockerfile.Dockerfile;
import io.slipway.dockerfile.check.CheckReport;
import io.slipway.dockerfile.check.CheckRequest;
import io.slipway.dockerfile.check.CheckedStages;
import io.slipway.dockerfile.check.Checks;
import io.slipway.dockerfile.ignore.IgnorePatterns;
import io.slipway.dockerfile.source.DockerfileException;
import io.slipway.dockerfile.source.InvalidValueException;
import io.slipway.dockerfile.stage.PlatformName;
import io.slipway.image.Platform;
import io.slipway.protocol.ErrorCode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The Dockerfile of a build, found in the context and read there and then: a mistake in it is the answer to the request, not
 * the end of a build a minute later.
 *
 * @param text its name and text
 * @param ignore the text of the ignore file that counts, if the Dockerfile is not in the context; null if it is
 * @param warnings what is allowed but probably not meant
 * @param stages what is known of its stages, for each platform
 */
record CheckedDockerfile(
        DockerfileText text, @Nullable String ignore, List<Warning> warnings, List<CheckedStages> stages) {
    private static final List<String> USUAL_NAMES = List.of("Dockerfile", "dockerfile");
    private static final String IGNORE_FILE = ".dockerignore";

    CheckedDockerfile {
        warnings = List.copyOf(warnings);
        stages = List.copyOf(stages);
    }

    /**
     * Finds and checks the Dockerfile.
     *
     * @param contexts names of the build's named contexts
     * @throws ProblemException {@link ProblemType#DOCKERFILE_INVALID} if it is missing, too large, or can't be built
     */
    static CheckedDockerfile of(
            StoredContext context, BuildOptions options, Set<String> contexts, SlipwayProperties.Limits limits)
            throws IOException {
        Found found = find(context, options, (int) limits.dockerfileSize().toBytes());
        String name = found.name();
        List<Warning> warnings = new ArrayList<>();
        String text = text(found.bytes(), name, warnings);
        boolean inline = options.dockerfileInline() != null;
        Ignored ignored = ignored(context, inline ? List.of(IGNORE_FILE) : List.of(name + IGNORE_FILE, IGNORE_FILE));
        Beginning beginning = Beginning.of(text);
        List<CheckReport> reports = beginning.refusal() != null
                ? List.of(Checks.refused(beginning.dockerfile(), options.buildArgs(), beginning.refusal()))
                : platforms(options).stream()
                        .map(platform -> Checks.check(
                                request(beginning.dockerfile(), options, platform, contexts, ignored.patterns())))
                        .toList();
        List<CheckedStages> stages = new ArrayList<>();
        for (CheckReport report : reports) {
            if (report.stages() != null) {
                stages.add(report.stages());
            }
            report.warnings().stream()
                    .map(warning -> new Warning(
                            warning.line() == 0 ? null : warning.line(),
                            warning.rule().label(),
                            warning.message()))
                    .filter(warning -> !warnings.contains(warning))
                    .forEach(warnings::add);
            if (report.refusal() != null) {
                throw IntakeProblems.of(report.refusal().in(text), name)
                        .with("warnings", warnings.isEmpty() ? null : List.copyOf(warnings));
            }
        }
        return new CheckedDockerfile(new DockerfileText(name, text), inline ? ignored.text() : null, warnings, stages);
    }

    private static Found find(StoredContext context, BuildOptions options, int most) throws IOException {
        if (options.dockerfileInline() != null) {
            byte[] bytes = options.dockerfileInline().getBytes(StandardCharsets.UTF_8);
            return new Found(USUAL_NAMES.getFirst(), bytes).within(most);
        }
        List<String> candidates = options.dockerfile() == null ? USUAL_NAMES : List.of(options.dockerfile());
        for (String candidate : candidates) {
            Optional<byte[]> bytes = read(context, candidate, most + 1);
            if (bytes.isPresent()) {
                return new Found(candidate, bytes.get()).within(most);
            }
        }
        for (String candidate : candidates) {
            StoredContext.DeadLink link = context.deadLink(candidate);
            if (link != null) {
                throw dead(link, candidate);
            }
        }
        throw missing(context, candidates.getFirst());
    }

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Found(String name, byte[] bytes) {
        Found within(int most) {
            if (bytes.length > most) {
                throw IntakeProblems.of(
                        DockerfileException.nowhere("it is larger than " + most + " bytes", null), name);
            }
            return this;
        }
    }

    private record Ignored(String text, IgnorePatterns patterns) {}

    private static ProblemException dead(StoredContext.DeadLink link, String name) {
        String what = link.path() + " is a symbolic link to " + link.target();
        return new ProblemException(
                        ProblemType.DOCKERFILE_INVALID,
                        link.outside()
                                ? what + ", which leads outside of the context."
                                : what + ", and the context has nothing there.")
                .with("code", ErrorCode.DOCKERFILE_INVALID.wireName())
                .with("dockerfile", name)
                .with(
                        "hint",
                        "put the file itself into the context, or send its text with the option dockerfileInline");
    }

    private static ProblemException missing(StoredContext context, String name) {
        List<String> others = context.dockerfiles();
        String hint = others.isEmpty()
                ? "put one at the top of the context, or name it with the option dockerfile"
                : "it has " + String.join(", ", others) + ": name it with the option dockerfile";
        return new ProblemException(ProblemType.DOCKERFILE_INVALID, "The context has no file " + name + ".")
                .with("code", ErrorCode.DOCKERFILE_INVALID.wireName())
                .with("dockerfile", name)
                .with("hint", hint);
    }

    private static Optional<byte[]> read(StoredContext context, String name, int most) throws IOException {
        Optional<InputStream> file = context.open(name);
        if (file.isEmpty()) {
            return Optional.empty();
        }
        try (InputStream content = file.get()) {
            return Optional.of(content.readNBytes(most));
        }
    }

    /** A byte that is no UTF-8 can't be stored as text: it becomes U+FFFD, which matters in a comment to nobody, and is told. */
    private static String text(byte[] bytes, String name, List<Warning> warnings) {
        String text = new String(bytes, StandardCharsets.UTF_8);
        int zero = text.indexOf('\0');
        if (zero >= 0) {
            int line =
                    (int) text.substring(0, zero).chars().filter(c -> c == '\n').count() + 1;
            throw IntakeProblems.of(DockerfileException.atLine(line, "it has a zero byte", "is it a text file?"), name);
        }
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
        } catch (CharacterCodingException e) {
            warnings.add(new Warning(null, "NotUtf8", name + " is not UTF-8; what is not was replaced by U+FFFD"));
        }
        return text;
    }

    private static Ignored ignored(StoredContext context, List<String> files) throws IOException {
        for (String file : files) {
            Optional<byte[]> bytes = read(context, file, OptionCounts.IGNORE_FILE_BYTES);
            if (bytes.isPresent()) {
                try {
                    String text = new String(bytes.get(), StandardCharsets.UTF_8);
                    return new Ignored(text, IgnorePatterns.parse(text));
                } catch (InvalidValueException e) {
                    throw new ProblemException(ProblemType.CONTEXT_INVALID, "The file " + file + ", " + e.message())
                            .with("code", ErrorCode.CONTEXT_INVALID.wireName())
                            .with("hint", e.hint());
                }
            }
        }
        return new Ignored("", IgnorePatterns.NONE);
    }

    private static List<PlatformName> platforms(BuildOptions options) {
        return options.platforms().isEmpty()
                ? List.of(here())
                : options.platforms().stream().map(PlatformName::parse).toList();
    }

    private static PlatformName here() {
        return PlatformName.parse(Platform.local().toString());
    }

    private static CheckRequest request(
            Dockerfile dockerfile,
            BuildOptions options,
            PlatformName target,
            Set<String> contexts,
            IgnorePatterns ignored) {
        return new CheckRequest(
                dockerfile,
                options.buildArgs(),
                options.target(),
                target,
                here(),
                contexts,
                _ -> Optional.empty(), // bases are resolved by the worker
                ignored);
    }
}
