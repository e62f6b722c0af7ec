package io.slipway.dockerfile.print;

import io.slipway.dockerfile.Dockerfile;
import io.slipway.dockerfile.instruction.Add;
import io.slipway.dockerfile.instruction.Arg;
import io.slipway.dockerfile.instruction.Cmd;
import io.slipway.dockerfile.instruction.CommandLine;
import io.slipway.dockerfile.instruction.Copy;
import io.slipway.dockerfile.instruction.CopySource;
import io.slipway.dockerfile.instruction.Entrypoint;
import io.slipway.dockerfile.instruction.Env;
import io.slipway.dockerfile.instruction.Expose;
import io.slipway.dockerfile.instruction.From;
import io.slipway.dockerfile.instruction.Healthcheck;
import io.slipway.dockerfile.instruction.Heredoc;
import io.slipway.dockerfile.instruction.KeyValue;
import io.slipway.dockerfile.instruction.Label;
import io.slipway.dockerfile.instruction.Maintainer;
import io.slipway.dockerfile.instruction.MountFlag;
import io.slipway.dockerfile.instruction.Onbuild;
import io.slipway.dockerfile.instruction.Ownership;
import io.slipway.dockerfile.instruction.Run;
import io.slipway.dockerfile.instruction.Shell;
import io.slipway.dockerfile.instruction.Statement;
import io.slipway.dockerfile.instruction.Stopsignal;
import io.slipway.dockerfile.instruction.User;
import io.slipway.dockerfile.instruction.Volume;
import io.slipway.dockerfile.instruction.Workdir;
import io.slipway.dockerfile.source.Blanks;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Writes a parsed Dockerfile in one form of its own, from what the statements hold and not from the text that they were read from. */
final class Printer {

    private final char escape;

    private Printer(char escape) {
        this.escape = escape;
    }

    static String print(Dockerfile dockerfile) {
        return new Printer(dockerfile.directives().escape()).printAll(dockerfile);
    }

    private String printAll(Dockerfile dockerfile) {
        StringBuilder text = new StringBuilder();
        if (escape != '\\') {
            text.append("# escape=").append(escape).append("\n\n");
        }
        dockerfile.globalArguments().forEach(arg -> text.append(line(arg)));
        dockerfile.stages().forEach(stage -> {
            text.append(line(stage.from()));
            stage.instructions().forEach(instruction -> text.append(line(instruction)));
        });
        return text.toString();
    }

    /**
     * A statement with its line end. A form feed, which is trimmed and no blank that may follow the escape character of a continued line, keeps
     * one at the end of the line from continuing it.
     */
    private String line(Statement statement) {
        String text = print(statement);
        int end = text.indexOf('\n');
        String first = end < 0 ? text : text.substring(0, end);
        String rest = text.substring(first.length());
        return first + (first.endsWith(String.valueOf(escape)) ? "\f" : "") + rest + "\n";
    }

    private String print(Statement statement) {
        return switch (statement) {
            case From from ->
                "FROM " + flag("platform", from.platform()) + from.image()
                        + (from.as() == null ? "" : " " + from.as() + " " + from.writtenName());
            case Arg arg ->
                "ARG "
                        + arg.declarations().stream()
                                .map(one -> one.value() == null ? one.name() : one.name() + "=" + one.value())
                                .collect(Collectors.joining(" "));
            case Env env -> "ENV " + pairs(env.pairs(), env.legacy());
            case Label label -> "LABEL " + pairs(label.pairs(), label.legacy());
            case Run run -> print(run);
            case Copy copy ->
                "COPY " + flag("from", copy.from()) + ownership(copy.ownership()) + (copy.link() ? "--link " : "")
                        + (copy.parents() ? "--parents " : "") + flags("exclude", copy.excludes())
                        + files(copy.sources(), copy.destination());
            case Add add ->
                "ADD " + ownership(add.ownership()) + (add.link() ? "--link " : "")
                        + flag("keep-git-dir", add.keepGitDir()) + flag("unpack", add.unpack())
                        + flag("checksum", add.checksum()) + flags("exclude", add.excludes())
                        + files(add.sources(), add.destination());
            case Cmd cmd -> "CMD " + command(cmd.command());
            case Entrypoint entrypoint -> "ENTRYPOINT " + command(entrypoint.command());
            case Shell shell -> "SHELL " + json(shell.arguments());
            case Volume volume -> "VOLUME " + words(volume.paths());
            case Expose expose -> "EXPOSE " + String.join(" ", inSomeOrder(expose.ports()));
            case Healthcheck check -> print(check);
            case User user -> "USER " + user.user();
            case Workdir workdir -> "WORKDIR " + workdir.path();
            case Stopsignal stopsignal -> "STOPSIGNAL " + stopsignal.signal();
            case Maintainer maintainer -> "MAINTAINER " + maintainer.author();
            case Onbuild onbuild -> "ONBUILD " + onbuild.trigger();
        };
    }

    private String print(Run run) {
        StringBuilder flags = new StringBuilder();
        run.mountFlags().forEach(mount -> flags.append(flag("mount", mount(mount))));
        if (run.network() != Run.Network.DEFAULT) {
            flags.append(flag("network", run.network().name().toLowerCase(Locale.ROOT)));
        }
        if (run.security() != Run.Security.SANDBOX) {
            flags.append(flag("security", run.security().name().toLowerCase(Locale.ROOT)));
        }
        return "RUN " + flags + flags("device", run.devices()) + command(run.command());
    }

    private String print(Healthcheck check) {
        return check.command() == null
                ? "HEALTHCHECK "
                        + check.ignoredFlags().stream()
                                .map(flag -> escaped(flag) + " ")
                                .collect(Collectors.joining())
                        + "NONE"
                : "HEALTHCHECK " + flag("interval", duration(check.interval()))
                        + flag("timeout", duration(check.timeout()))
                        + flag("start-period", duration(check.startPeriod()))
                        + flag("start-interval", duration(check.startInterval()))
                        + flag("retries", check.retries()) + "CMD " + command(check.command());
    }

    private static String duration(Duration duration) {
        return duration.getSeconds() + "s" + duration.getNano() + "ns";
    }

    private static String command(CommandLine command) {
        return switch (command) {
            case CommandLine.Exec(List<String> arguments) -> json(arguments);
            case CommandLine.Script(String name, String body) -> "<<" + name + "\n" + body + name;
            case CommandLine.ShellText(String text)
            when text.endsWith("\n") -> {
                String name = nameBeside(text);
                // Only the first line's own beginning makes a script.
                boolean likeScript = text.startsWith("#!");
                yield (likeScript ? "<<-" : "<<") + name + "\n" + (likeScript ? "\t" : "") + text + name;
            }
            case CommandLine.ShellText(String text) -> text;
        };
    }

    /** A name that is no line of the text. */
    private static String nameBeside(String text) {
        String name = "EOF";
        while (text.lines().map(line -> line.replaceFirst("^\t+", "")).toList().contains(name)) {
            name += "F";
        }
        return name;
    }

    private String files(List<CopySource> sources, String destination) {
        List<String> all = new ArrayList<>();
        List<String> paths = new ArrayList<>();
        StringBuilder bodies = new StringBuilder();
        for (CopySource source : sources) {
            switch (source) {
                case CopySource.Path(String word) -> paths.add(word);
                case CopySource.Inline(Heredoc heredoc) -> {
                    all.add(heredoc.expands() ? "<<" + heredoc.name() : "<<\"" + heredoc.name() + "\"");
                    bodies.append('\n').append(heredoc.body()).append(heredoc.name());
                }
            }
        }
        // The order of the two kinds means nothing, and a path may look like a flag.
        all.addAll(paths);
        all.add(destination);
        return bodies.isEmpty() ? words(all) : String.join(" ", all) + bodies;
    }

    /** As words if they can be read back so, else as JSON. */
    private static String words(List<String> words) {
        boolean plain = words.stream().noneMatch(word -> word.isEmpty() || word.startsWith("<<") || hasBlank(word))
                && !words.isEmpty()
                && !words.getFirst().startsWith("[")
                && !words.getFirst().startsWith("--");
        return plain ? String.join(" ", words) : json(words);
    }

    /** The same words with such at both ends as are neither taken for flags nor trimmed there; the order means nothing. */
    private static List<String> inSomeOrder(List<String> words) {
        List<String> ordered = new ArrayList<>(words);
        Predicate<String> first =
                word -> !word.startsWith("--") && Blanks.trimStart(word).equals(word);
        Predicate<String> last = word -> Blanks.trim("x" + word).endsWith(word);
        String start = words.stream()
                .filter(first.and(last.negate()))
                .findFirst()
                .orElseGet(() -> words.stream().filter(first).findFirst().orElseThrow());
        ordered.remove(start);
        Optional<String> end = ordered.stream().filter(last).findFirst();
        end.ifPresent(ordered::remove);
        ordered.addFirst(start);
        end.ifPresent(ordered::add);
        return ordered;
    }

    private static boolean hasBlank(String word) {
        return word.chars().anyMatch(c -> c <= ' ' || Character.isWhitespace(c) || c == 0x85 || c == 0xa0);
    }

    private static String pairs(List<KeyValue> pairs, boolean legacy) {
        // The old form's first word ends at a blank that is not escaped, its name at any: the second of two is not.
        return pairs.stream()
                .map(pair -> pair.key() + (legacy ? "  " : "=") + pair.value())
                .collect(Collectors.joining(" "));
    }

    private String ownership(Ownership ownership) {
        return flag("chown", ownership.chown()) + flag("chmod", ownership.chmod());
    }

    private String flags(String name, List<String> values) {
        return values.stream().map(value -> flag(name, value)).collect(Collectors.joining());
    }

    private String flag(String name, @Nullable Object value) {
        return value == null ? "" : "--" + name + "=" + escaped(value.toString()) + " ";
    }

    /** A flag's value as it is written. */
    private String escaped(String value) {
        StringBuilder escaped = new StringBuilder();
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            escaped.append(Blanks.isBlank(c) || c == '\'' || c == '"' || c == escape ? String.valueOf(escape) : "")
                    .append(c);
        }
        return escaped.toString();
    }

    private static String mount(MountFlag mount) {
        return mount.fields().stream()
                .map(field -> field.value() == null ? field.key() : field.key() + "=" + field.value())
                .map(field ->
                        field.contains(",") || field.contains("\"") ? "\"" + field.replace("\"", "\"\"") + "\"" : field)
                .collect(Collectors.joining(","));
    }

    private static String json(List<String> texts) {
        return texts.stream().map(Printer::quoted).collect(Collectors.joining(",", "[", "]"));
    }

    private static String quoted(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                quoted.append('\\').append(c);
            } else if (c < ' ') {
                quoted.append(String.format("\\u%04x", (int) c));
            } else {
                quoted.append(c);
            }
        }
        return quoted.append('"').toString();
    }
}
