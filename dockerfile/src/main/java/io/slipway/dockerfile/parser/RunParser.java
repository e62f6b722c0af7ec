package io.slipway.dockerfile.parser;

import io.slipway.dockerfile.expansion.HeredocWord;
import io.slipway.dockerfile.instruction.CommandLine;
import io.slipway.dockerfile.instruction.Heredoc;
import io.slipway.dockerfile.instruction.MountFlag;
import io.slipway.dockerfile.instruction.Run;
import io.slipway.dockerfile.instruction.Statement;
import io.slipway.dockerfile.source.InvalidValueException;
import io.slipway.dockerfile.source.Suggestion;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Parses RUN (dockerfile.md §5 and §4). */
final class RunParser {

    private static final Map<String, Flags.Kind> FLAGS = Map.of(
            "mount", Flags.Kind.VALUES,
            "network", Flags.Kind.VALUE,
            "security", Flags.Kind.VALUE,
            "device", Flags.Kind.VALUES);

    private RunParser() {}

    static Statement parse(LogicalLine line) {
        Flags flags = Flags.parse(line.head(), FLAGS);
        List<MountFlag> mounts =
                flags.values("mount").stream().map(MountFlag::parse).toList();
        Run.Network network = choice("network", flags.value("network"), Run.Network.values(), Run.Network.DEFAULT);
        Run.Security security =
                choice("security", flags.value("security"), Run.Security.values(), Run.Security.SANDBOX);
        CommandLine command = command(line);
        if (command instanceof CommandLine.Exec(List<String> arguments) && arguments.isEmpty()) {
            throw new InvalidValueException("RUN [] has no command");
        }
        if (command instanceof CommandLine.Exec(List<String> arguments)
                && arguments.stream().anyMatch(word -> word.indexOf('\0') >= 0)) {
            throw new InvalidValueException(
                    "a word of RUN has a zero byte, which no argument of a program can have", null, "\\u0000");
        }
        return new Run(line.origin(), mounts, network, security, flags.values("device"), command);
    }

    /**
     * A heredoc alone is what the shell runs, or a script if it starts with {@code #!}. With more text around, text and heredocs go to the shell
     * as they are written.
     */
    private static CommandLine command(LogicalLine line) {
        String text = line.head().arguments();
        if (line.heredocs().isEmpty()) {
            return StatementParser.commandLine(text);
        }
        if (HeredocWord.parse(text) != null) {
            Heredoc heredoc = line.heredocs().getFirst().heredoc();
            boolean script = line.heredocs().getFirst().lines().startsWith("#!");
            return script ? script(heredoc) : new CommandLine.ShellText(heredoc.body());
        }
        StringBuilder whole = new StringBuilder(text);
        for (LogicalLine.Body heredoc : line.heredocs()) {
            whole.append('\n').append(heredoc.lines()).append(heredoc.word().name());
        }
        return new CommandLine.ShellText(whole.toString());
    }

    private static CommandLine script(Heredoc heredoc) {
        String name = heredoc.fileName();
        if (List.of(heredoc.name().split("/")).contains("..")) {
            // The reference writes the file in one place and starts it in another.
            throw new InvalidValueException(
                    "the heredoc " + heredoc.name() + " cannot be the name of a script",
                    "write a name without slashes",
                    heredoc.name());
        }
        return new CommandLine.Script(name, heredoc.body());
    }

    private static <E extends Enum<E>> E choice(String flag, @Nullable String value, E[] choices, E otherwise) {
        if (value == null) {
            return otherwise;
        }
        List<String> names = List.of(choices).stream()
                .map(choice -> choice.name().toLowerCase(Locale.ROOT))
                .toList();
        int index = names.indexOf(value);
        if (index < 0) {
            String near = Suggestion.hint(value, names);
            throw new InvalidValueException(
                    "RUN --" + flag + "=" + value + " is not known",
                    near != null ? near : "there are " + String.join(", ", names),
                    "--" + flag);
        }
        return choices[index];
    }
}
