package io.slipway.dockerfile.parser;

import static java.util.Map.entry;

import io.slipway.dockerfile.instruction.Arg;
import io.slipway.dockerfile.instruction.Cmd;
import io.slipway.dockerfile.instruction.CommandLine;
import io.slipway.dockerfile.instruction.Entrypoint;
import io.slipway.dockerfile.instruction.Env;
import io.slipway.dockerfile.instruction.Expose;
import io.slipway.dockerfile.instruction.From;
import io.slipway.dockerfile.instruction.KeyValue;
import io.slipway.dockerfile.instruction.Label;
import io.slipway.dockerfile.instruction.Maintainer;
import io.slipway.dockerfile.instruction.Onbuild;
import io.slipway.dockerfile.instruction.Origin;
import io.slipway.dockerfile.instruction.Shell;
import io.slipway.dockerfile.instruction.Statement;
import io.slipway.dockerfile.instruction.Stopsignal;
import io.slipway.dockerfile.instruction.User;
import io.slipway.dockerfile.instruction.Volume;
import io.slipway.dockerfile.instruction.Workdir;
import io.slipway.dockerfile.source.Blanks;
import io.slipway.dockerfile.source.DockerfileException;
import io.slipway.dockerfile.source.InvalidValueException;
import io.slipway.dockerfile.source.SourceRange;
import io.slipway.dockerfile.source.Suggestion;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** Parses one instruction's line to its record (dockerfile.md §5). The larger instructions have parsers of their own. */
final class StatementParser {

    private static final Pattern STAGE_NAME = Pattern.compile("[a-z][a-z0-9-_.]*");

    /** One instruction's grammar. */
    private interface Grammar {
        Statement parse(LogicalLine line);
    }

    private final char escape;
    private final Map<String, Grammar> grammars;

    StatementParser(char escape) {
        this.escape = escape;
        this.grammars = new TreeMap<>(Map.ofEntries(
                entry("ADD", CopyParser::parseAdd),
                entry("ARG", this::parseArg),
                entry("CMD", StatementParser::parseCmd),
                entry("COPY", CopyParser::parseCopy),
                entry("ENTRYPOINT", StatementParser::parseEntrypoint),
                entry("ENV", this::parseEnv),
                entry("EXPOSE", StatementParser::parseExpose),
                entry("FROM", StatementParser::parseFrom),
                entry("HEALTHCHECK", HealthcheckParser::parse),
                entry("LABEL", this::parseLabel),
                entry("MAINTAINER", StatementParser::parseMaintainer),
                entry("ONBUILD", this::parseOnbuild),
                entry("RUN", RunParser::parse),
                entry("SHELL", StatementParser::parseShell),
                entry("STOPSIGNAL", StatementParser::parseStopsignal),
                entry("USER", StatementParser::parseUser),
                entry("VOLUME", StatementParser::parseVolume),
                entry("WORKDIR", StatementParser::parseWorkdir)));
    }

    /**
     * @throws DockerfileException at the line, if it is not an instruction
     */
    Statement parse(LogicalLine line) {
        String name = line.head().name();
        Grammar grammar = grammars.get(name);
        if (grammar == null) {
            throw DockerfileException.at(
                    line.origin().range(),
                    "unknown instruction " + line.head().keyword(),
                    Suggestion.hint(name, grammars.keySet()));
        }
        try {
            return grammar.parse(line);
        } catch (InvalidValueException e) {
            throw e.at(line.origin().range());
        }
    }

    /** Refuses the instructions that cannot be triggers. */
    static void requireTrigger(String name, SourceRange range) {
        if (name.equals("ONBUILD")) {
            throw DockerfileException.at(range, "ONBUILD cannot trigger ONBUILD", null);
        }
        if (name.equals("FROM") || name.equals("MAINTAINER")) {
            throw DockerfileException.at(range, name + " cannot be a trigger of ONBUILD", null);
        }
    }

    /** The command of an instruction that has a JSON form and a shell form. */
    static CommandLine commandLine(String arguments) {
        List<String> json = JsonStrings.parse(arguments);
        return json != null ? new CommandLine.Exec(json) : new CommandLine.ShellText(arguments);
    }

    private static Statement parseFrom(LogicalLine line) {
        List<String> words = Words.atBlanks(line.head().arguments());
        boolean named = words.size() == 3 && words.get(1).equalsIgnoreCase("AS");
        if (words.size() != 1 && !named) {
            throw new InvalidValueException(
                    "FROM takes an image, and after it AS and a name", "write FROM IMAGE, or FROM IMAGE AS NAME");
        }
        Flags flags = Flags.parse(line.head(), Map.of("platform", Flags.Kind.VALUE));
        if (!named) {
            return new From(line.origin(), flags.value("platform"), words.getFirst(), null, null);
        }
        String name = words.get(2);
        if (!STAGE_NAME.matcher(name.toLowerCase(Locale.ROOT)).matches()) {
            throw new InvalidValueException(
                    "\"" + name + "\" cannot be the name of a stage",
                    "a name starts with a letter and goes on with letters, digits, - _ and .",
                    name);
        }
        return new From(line.origin(), flags.value("platform"), words.getFirst(), words.get(1), name);
    }

    private Statement parseArg(LogicalLine line) {
        Flags.parse(line.head(), Flags.NONE);
        List<Arg.Declaration> declarations = new ArrayList<>();
        for (String word : quotedWords(line.head())) {
            int equals = word.indexOf('=');
            if (equals == 0) {
                throw new InvalidValueException(
                        "ARG needs a name before \"" + word + "\"", "write ARG NAME=DEFAULT", word);
            }
            declarations.add(
                    equals < 0
                            ? new Arg.Declaration(word, null)
                            : new Arg.Declaration(word.substring(0, equals), word.substring(equals + 1)));
        }
        return new Arg(line.origin(), declarations);
    }

    private Statement parseEnv(LogicalLine line) {
        Flags.parse(line.head(), Flags.NONE);
        List<KeyValue> pairs = pairs(line.head());
        return new Env(line.origin(), pairs, isLegacy(line.head()));
    }

    private Statement parseLabel(LogicalLine line) {
        Flags.parse(line.head(), Flags.NONE);
        List<KeyValue> pairs = pairs(line.head());
        return new Label(line.origin(), pairs, isLegacy(line.head()));
    }

    /** The old form has no {@code =} in its first word. */
    private boolean isLegacy(Head head) {
        return !Words.quoted(head.arguments(), escape).getFirst().contains("=");
    }

    private List<KeyValue> pairs(Head head) {
        List<String> words = quotedWords(head);
        if (!words.getFirst().contains("=")) {
            return List.of(legacyPair(head, head.arguments()));
        }
        List<KeyValue> pairs = new ArrayList<>();
        for (String word : words) {
            int equals = word.indexOf('=');
            if (equals < 0) {
                throw new InvalidValueException(
                        head.name() + " needs NAME=VALUE, and \"" + word + "\" has no =",
                        "put values with blanks in double quotes",
                        word);
            }
            if (equals == 0) {
                throw new InvalidValueException(
                        head.name() + " needs a name before \"" + word + "\"",
                        "write " + head.name() + " NAME=VALUE",
                        word);
            }
            pairs.add(new KeyValue(word.substring(0, equals), word.substring(equals + 1)));
        }
        return pairs;
    }

    private static KeyValue legacyPair(Head head, String arguments) {
        int end = 0;
        while (end < arguments.length() && !Words.isSeparator(arguments.charAt(end))) {
            end++;
        }
        if (end == arguments.length()) {
            throw new InvalidValueException(
                    head.name() + " " + arguments + " has no value", "write " + head.name() + " NAME=VALUE");
        }
        int start = end;
        while (start < arguments.length() && Words.isSeparator(arguments.charAt(start))) {
            start++;
        }
        return new KeyValue(arguments.substring(0, end), arguments.substring(start));
    }

    private static Statement parseCmd(LogicalLine line) {
        Flags.parse(line.head(), Flags.NONE);
        return new Cmd(line.origin(), commandLine(line.head().arguments()));
    }

    private static Statement parseEntrypoint(LogicalLine line) {
        Flags.parse(line.head(), Flags.NONE);
        return new Entrypoint(line.origin(), commandLine(line.head().arguments()));
    }

    private static Statement parseExpose(LogicalLine line) {
        Flags.parse(line.head(), Flags.NONE);
        List<String> words = Words.atBlanks(requireArguments(line.head()));
        return new Expose(line.origin(), words.stream().sorted().toList());
    }

    private static Statement parseVolume(LogicalLine line) {
        Flags.parse(line.head(), Flags.NONE);
        String arguments = requireArguments(line.head());
        List<String> json = JsonStrings.parse(arguments);
        List<String> paths = new ArrayList<>();
        for (String path : json != null ? json : Words.atBlanks(arguments)) {
            String trimmed = Blanks.trim(path);
            if (trimmed.isEmpty()) {
                throw new InvalidValueException("a volume cannot be an empty path");
            }
            paths.add(trimmed);
        }
        if (paths.isEmpty()) {
            throw missingArguments(line.head());
        }
        return new Volume(line.origin(), paths);
    }

    private static Statement parseShell(LogicalLine line) {
        Flags.parse(line.head(), Flags.NONE);
        String hint = "write SHELL [\"/bin/sh\", \"-c\"]";
        List<String> arguments = JsonStrings.parse(line.head().arguments());
        if (arguments == null) {
            throw new InvalidValueException("SHELL needs its arguments as a JSON array", hint);
        }
        if (arguments.isEmpty()) {
            throw new InvalidValueException("SHELL needs at least one argument", hint);
        }
        return new Shell(line.origin(), arguments);
    }

    private static Statement parseStopsignal(LogicalLine line) {
        Flags.parse(line.head(), Flags.NONE);
        return new Stopsignal(line.origin(), requireArguments(line.head()));
    }

    private static Statement parseUser(LogicalLine line) {
        Flags.parse(line.head(), Flags.NONE);
        return new User(line.origin(), requireArguments(line.head()));
    }

    private static Statement parseWorkdir(LogicalLine line) {
        Flags.parse(line.head(), Flags.NONE);
        return new Workdir(line.origin(), requireArguments(line.head()));
    }

    private static Statement parseMaintainer(LogicalLine line) {
        Flags.parse(line.head(), Flags.NONE);
        return new Maintainer(line.origin(), requireArguments(line.head()));
    }

    /** The trigger is only read as far as every line is read: whether it can run shows when it is fired. */
    private Statement parseOnbuild(LogicalLine line) {
        Flags.parse(line.head(), Flags.NONE);
        String arguments = requireArguments(line.head());
        Head trigger = Head.split(arguments, escape);
        Origin origin = line.origin();
        requireTrigger(trigger.name(), origin.range());
        switch (trigger.name()) {
            case "ENV", "LABEL" -> {
                if (!Words.quoted(trigger.arguments(), escape).isEmpty()) {
                    pairs(trigger);
                }
            }
            case "ADD", "COPY", "RUN", "CMD", "ENTRYPOINT", "SHELL", "VOLUME" -> JsonStrings.parse(trigger.arguments());
            default -> {}
        }
        StringBuilder text = new StringBuilder(arguments);
        for (LogicalLine.Body heredoc : line.heredocs()) {
            text.append('\n').append(heredoc.lines()).append(heredoc.word().name());
        }
        return new Onbuild(origin, text.toString());
    }

    /** The words of the arguments, at least one: an escape character alone is none. */
    private List<String> quotedWords(Head head) {
        List<String> words = Words.quoted(head.arguments(), escape);
        if (words.isEmpty()) {
            throw missingArguments(head);
        }
        return words;
    }

    static String requireArguments(Head head) {
        if (head.arguments().isEmpty()) {
            throw missingArguments(head);
        }
        return head.arguments();
    }

    private static InvalidValueException missingArguments(Head head) {
        return new InvalidValueException(head.name() + " needs an argument");
    }
}
