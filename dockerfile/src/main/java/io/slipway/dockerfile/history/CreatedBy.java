package io.slipway.dockerfile.history;

import io.slipway.dockerfile.instruction.Add;
import io.slipway.dockerfile.instruction.Arg;
import io.slipway.dockerfile.instruction.Cmd;
import io.slipway.dockerfile.instruction.CommandLine;
import io.slipway.dockerfile.instruction.Copy;
import io.slipway.dockerfile.instruction.CopySource;
import io.slipway.dockerfile.instruction.Entrypoint;
import io.slipway.dockerfile.instruction.Env;
import io.slipway.dockerfile.instruction.Expose;
import io.slipway.dockerfile.instruction.Healthcheck;
import io.slipway.dockerfile.instruction.Instruction;
import io.slipway.dockerfile.instruction.KeyValue;
import io.slipway.dockerfile.instruction.Label;
import io.slipway.dockerfile.instruction.Maintainer;
import io.slipway.dockerfile.instruction.Onbuild;
import io.slipway.dockerfile.instruction.Ownership;
import io.slipway.dockerfile.instruction.Run;
import io.slipway.dockerfile.instruction.Shell;
import io.slipway.dockerfile.instruction.Stopsignal;
import io.slipway.dockerfile.instruction.User;
import io.slipway.dockerfile.instruction.Volume;
import io.slipway.dockerfile.instruction.Workdir;
import io.slipway.dockerfile.stage.StageScope;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The {@code created_by} of an image's history, letter by letter as the reference frontend writes it (dockerfile.md §5, "Implicit"), so that
 * histories of both can be compared.
 */
public final class CreatedBy {

    private static final String LAYER = " # buildkit";

    private CreatedBy() {}

    /**
     * The text of an instruction.
     *
     * @param instruction the instruction after expansion; ARG after evaluation
     * @param scope the variables before it
     * @param shell the shell in use, such as {@code /bin/sh} and {@code -c}
     * @param workingDirectory the working directory after it, absolute; only WORKDIR uses it
     * @return the text, or null for ONBUILD, which leaves no history
     */
    @Nullable
    public static String of(Instruction instruction, StageScope scope, List<String> shell, String workingDirectory) {
        return switch (instruction) {
            case Arg arg -> "ARG " + declarations(arg.declarations());
            case Env env -> "ENV " + pairs(env.pairs());
            case Label label -> "LABEL " + pairs(label.pairs());
            case Run run -> "RUN " + arguments(scope) + String.join(" ", words(run.command(), shell)) + LAYER;
            case Copy copy ->
                "COPY " + ownership(copy.ownership()) + (copy.parents() ? "--parents " : "")
                        + files(copy.sources(), copy.destination()) + LAYER;
            case Add add -> "ADD " + ownership(add.ownership()) + files(add.sources(), add.destination()) + LAYER;
            case Workdir _ -> "WORKDIR " + workingDirectory;
            case User user -> "USER " + user.user();
            case Cmd cmd -> "CMD " + quoted(words(cmd.command(), shell));
            case Entrypoint entrypoint -> "ENTRYPOINT " + quoted(words(entrypoint.command(), shell));
            case Expose expose ->
                expose.exposedPorts().stream().map(Object::toString).collect(Collectors.joining(" ", "EXPOSE [", "]"));
            case Volume volume -> "VOLUME [" + String.join(" ", volume.paths()) + "]";
            case Shell set -> "SHELL [" + String.join(" ", set.arguments()) + "]";
            case Stopsignal stopsignal -> "STOPSIGNAL " + stopsignal.signal();
            case Healthcheck healthcheck -> "HEALTHCHECK " + healthcheck(healthcheck);
            case Maintainer maintainer -> "MAINTAINER " + maintainer.author();
            case Onbuild _ -> null;
        };
    }

    /**
     * The words that a command line comes to: CMD and ENTRYPOINT of the image config, and the process of RUN.
     *
     * @param shell the shell in use
     */
    public static List<String> words(CommandLine command, List<String> shell) {
        return switch (command) {
            case CommandLine.Exec exec -> exec.arguments();
            case CommandLine.ShellText text -> with(shell, text.text());
            case CommandLine.Script script -> with(shell, script.path());
        };
    }

    /** The {@code Test} of an image config's health check. */
    public static List<String> test(Healthcheck healthcheck) {
        return switch (healthcheck.command()) {
            case null -> List.of("NONE");
            case CommandLine.Exec exec -> {
                List<String> test = new ArrayList<>(List.of("CMD"));
                test.addAll(exec.arguments());
                yield List.copyOf(test);
            }
            case CommandLine.ShellText text -> List.of("CMD-SHELL", text.text());
            case CommandLine.Script script -> List.of("CMD-SHELL", script.path());
        };
    }

    private static List<String> with(List<String> shell, String text) {
        List<String> words = new ArrayList<>(shell);
        words.add(text);
        return List.copyOf(words);
    }

    private static String declarations(List<Arg.Declaration> declarations) {
        return declarations.stream()
                .map(declaration -> declaration.value() == null
                        ? declaration.name()
                        : declaration.name() + "=" + declaration.value())
                .collect(Collectors.joining(" "));
    }

    private static String pairs(List<KeyValue> pairs) {
        return pairs.stream().map(pair -> pair.key() + "=" + pair.value()).collect(Collectors.joining(" "));
    }

    /** The build arguments that RUN sees, counted: {@code |2 a=1 b=2 }. */
    private static String arguments(StageScope scope) {
        if (scope.arguments().isEmpty()) {
            return "";
        }
        StringBuilder text = new StringBuilder("|").append(scope.arguments().size());
        for (Arg.Declaration argument : scope.arguments()) {
            String value = scope.value(argument.name());
            String shown = value != null ? value : argument.value();
            text.append(' ').append(argument.name()).append('=').append(shown == null ? "" : shown);
        }
        return text.append(' ').toString();
    }

    private static String ownership(Ownership ownership) {
        String chown =
                ownership.chown() == null || ownership.chown().isEmpty() ? "" : "--chown=" + ownership.chown() + " ";
        String chmod =
                ownership.chmod() == null || ownership.chmod().isEmpty() ? "" : "--chmod=" + ownership.chmod() + " ";
        return chown + chmod;
    }

    private static String files(List<CopySource> sources, String destination) {
        StringBuilder text = new StringBuilder();
        for (CopySource source : sources) {
            String word = switch (source) {
                case CopySource.Path path -> path.word();
                case CopySource.Inline inline -> "<<" + inline.heredoc().name();
            };
            text.append(word).append(' ');
        }
        return text.append(destination).toString();
    }

    private static String healthcheck(Healthcheck healthcheck) {
        return "{Test:[" + String.join(" ", test(healthcheck)) + "] Interval:" + duration(healthcheck.interval())
                + " Timeout:" + duration(healthcheck.timeout()) + " StartPeriod:" + duration(healthcheck.startPeriod())
                + " StartInterval:" + duration(healthcheck.startInterval()) + " Retries:" + healthcheck.retries() + "}";
    }

    /** Go's {@code %q} of a list of strings. */
    private static String quoted(List<String> words) {
        return words.stream().map(CreatedBy::quoted).collect(Collectors.joining(" ", "[", "]"));
    }

    private static String quoted(String word) {
        StringBuilder text = new StringBuilder("\"");
        word.codePoints().forEach(character -> {
            switch (character) {
                case '"' -> text.append("\\\"");
                case '\\' -> text.append("\\\\");
                case 0x07 -> text.append("\\a");
                case '\b' -> text.append("\\b");
                case '\f' -> text.append("\\f");
                case '\n' -> text.append("\\n");
                case '\r' -> text.append("\\r");
                case '\t' -> text.append("\\t");
                case 0x0B -> text.append("\\v");
                default -> appendQuoted(character, text);
            }
        });
        return text.append('"').toString();
    }

    private static void appendQuoted(int character, StringBuilder text) {
        boolean rawByte = character >= 0xDC80 && character <= 0xDCFF;
        if (rawByte) {
            text.append(String.format("\\x%02x", character - 0xDC00));
        } else if (character < ' ' || character == 0x7F) {
            text.append(String.format("\\x%02x", character));
        } else {
            text.appendCodePoint(character);
        }
    }

    /** Go's {@code Duration.String}: {@code 5m0s}, {@code 1.5s}, {@code 500ms}, {@code 0s}. */
    private static String duration(Duration duration) {
        long nanoseconds = duration.toNanos();
        if (nanoseconds == 0) {
            return "0s";
        }
        if (nanoseconds < 1_000_000_000L) {
            return decimal(nanoseconds, 1_000_000L) + "ms";
        }
        long hours = nanoseconds / 3_600_000_000_000L;
        long minutes = nanoseconds / 60_000_000_000L % 60;
        String seconds = decimal(nanoseconds % 60_000_000_000L, 1_000_000_000L) + "s";
        return (hours > 0 ? hours + "h" : "") + (hours > 0 || minutes > 0 ? minutes + "m" : "") + seconds;
    }

    private static String decimal(long value, long unit) {
        String whole = Long.toString(value / unit);
        long rest = value % unit;
        if (rest == 0) {
            return whole;
        }
        String digits = Long.toString(unit + rest).substring(1);
        return whole + "." + digits.replaceAll("0+$", "");
    }
}
