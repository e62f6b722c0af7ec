package io.slipway.dockerfile.parser;

import io.slipway.dockerfile.directive.DirectiveReader;
import io.slipway.dockerfile.directive.Directives;
import io.slipway.dockerfile.instruction.From;
import io.slipway.dockerfile.instruction.Instruction;
import io.slipway.dockerfile.instruction.Origin;
import io.slipway.dockerfile.instruction.Statement;
import io.slipway.dockerfile.source.DockerfileException;
import io.slipway.dockerfile.source.SourceRange;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads text to statements, one for each instruction. */
public final class DockerfileReader {

    /** Longer files are refused. */
    private static final int LONGEST_FILE = 16 << 20;

    private DockerfileReader() {}

    /**
     * What a file holds.
     *
     * @param statements its instructions in order; never empty
     */
    public record Content(Directives directives, List<Statement> statements) {

        public Content {
            statements = List.copyOf(statements);
        }
    }

    /**
     * Reads a Dockerfile.
     *
     * @param text its text, with any line ends, with or without a byte order mark
     * @throws DockerfileException if it is not in the language
     */
    public static Content read(String text) {
        String plain = text.startsWith("\uFEFF") ? text.substring(1) : text;
        if (plain.isEmpty()) {
            throw DockerfileException.nowhere("the Dockerfile is empty", "start it with FROM");
        }
        if (plain.length() > LONGEST_FILE) {
            throw DockerfileException.nowhere("the Dockerfile is longer than " + LONGEST_FILE + " characters", null);
        }
        List<String> lines = LineReader.lines(plain);
        List<String> bare = lines.stream().map(LineReader::withoutLineEnd).toList();
        Directives directives = DirectiveReader.read(bare);
        List<LogicalLine> instructions = new LineReader(lines, DirectiveReader.count(bare), directives.escape()).read();
        if (instructions.isEmpty()) {
            throw DockerfileException.atLine(
                    lines.size(), "the Dockerfile holds no instructions", "start it with FROM");
        }
        StatementParser parser = new StatementParser(directives.escape());
        List<Statement> statements = new ArrayList<>();
        for (LogicalLine line : instructions) {
            statements.add(parser.parse(line));
        }
        return new Content(directives, statements);
    }

    /**
     * Reads a trigger of ONBUILD: one instruction, with its heredocs, whose escape character is the backslash.
     *
     * @param trigger the text as it is stored in an image
     * @param at where to say that it stands: the FROM that fires it
     * @throws DockerfileException at that FROM, if the trigger is not an instruction that may be one
     */
    public static Instruction readTrigger(String trigger, SourceRange at) {
        List<LogicalLine> lines;
        try {
            lines = new LineReader(LineReader.lines(trigger), 0, '\\').read();
        } catch (DockerfileException e) {
            throw refusedTrigger(trigger, at, e.message(), e.hint());
        }
        if (lines.size() != 1) {
            throw refusedTrigger(trigger, at, "it is not one instruction", null);
        }
        LogicalLine line = lines.getFirst();
        Origin origin = line.origin();
        Origin moved = new Origin(at, origin.keyword(), origin.text(), origin.comments(), 0);
        Statement statement;
        try {
            statement = new StatementParser('\\').parse(new LogicalLine(moved, line.head(), line.heredocs()));
        } catch (DockerfileException e) {
            throw refusedTrigger(trigger, at, e.message(), e.hint());
        }
        return switch (statement) {
            case From from -> throw refusedTrigger(trigger, at, "FROM cannot be a trigger", null);
            case Instruction instruction -> {
                StatementParser.requireTrigger(line.head().name(), at);
                yield instruction;
            }
        };
    }

    private static DockerfileException refusedTrigger(
            String trigger, SourceRange at, String problem, @Nullable String hint) {
        return DockerfileException.at(
                at, "the base image's trigger \"ONBUILD " + trigger.strip() + "\" cannot run: " + problem, hint);
    }
}
