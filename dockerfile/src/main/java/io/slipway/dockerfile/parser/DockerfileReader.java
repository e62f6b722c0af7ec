package io.slipway.dockerfile.parser;

import io.slipway.dockerfile.directive.CheckOptions;
import io.slipway.dockerfile.directive.DirectiveReader;
import io.slipway.dockerfile.directive.Directives;
import io.slipway.dockerfile.instruction.From;
import io.slipway.dockerfile.instruction.Instruction;
import io.slipway.dockerfile.instruction.Origin;
import io.slipway.dockerfile.instruction.Statement;
import io.slipway.dockerfile.source.DockerfileException;
import io.slipway.dockerfile.source.FileSize;
import io.slipway.dockerfile.source.Lines;
import io.slipway.dockerfile.source.SourceRange;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads text to statements, one for each instruction. */
public final class DockerfileReader {

    private DockerfileReader() {}

    /**
     * What a file holds.
     *
     * @param statements its instructions in order, up to the first that is not in the language; never empty without a refusal
     * @param refusal why it is not in the language, or null
     */
    public record Content(
            Directives directives,
            List<Statement> statements,
            @Nullable DockerfileException refusal) {

        public Content {
            statements = List.copyOf(statements);
        }
    }

    /**
     * Reads a Dockerfile as far as it can be read.
     *
     * @param text its text, with any line ends, with or without a byte order mark
     */
    public static Content read(String text) {
        try {
            return readLines(text);
        } catch (DockerfileException e) {
            // Not even the directives: the escape character may be another.
            return new Content(new Directives(null, '\\', CheckOptions.NONE), List.of(), e);
        }
    }

    private static Content readLines(String text) {
        String plain = text.startsWith("\uFEFF") ? text.substring(1) : text;
        if (plain.isEmpty()) {
            throw DockerfileException.atLine(1, "the Dockerfile is empty", "start it with FROM");
        }
        DockerfileException tooLarge = FileSize.refusal(plain.length());
        if (tooLarge != null) {
            throw tooLarge;
        }
        Lines lines = new Lines(plain);
        Directives directives = DirectiveReader.read(lines);
        DirectiveReader.skip(lines);
        List<LogicalLine> instructions = new ArrayList<>();
        DockerfileException refusal = null;
        try {
            new LineReader(plain, lines, directives.escape()).read(instructions);
            if (instructions.isEmpty()) {
                throw DockerfileException.atLine(
                        lines.number(), "the Dockerfile holds no instructions", "start it with FROM");
            }
        } catch (DockerfileException e) {
            refusal = e;
        }
        StatementParser parser = new StatementParser(directives.escape());
        List<Statement> statements = new ArrayList<>();
        try {
            for (LogicalLine line : instructions) {
                statements.add(parser.parse(line));
            }
        } catch (DockerfileException e) {
            // Lines are joined before any is understood: what is wrong with them goes first, wherever it stands.
            refusal = refusal == null ? e : refusal;
        }
        return new Content(directives, statements, refusal);
    }

    /**
     * Reads a trigger of ONBUILD: one instruction, with its heredocs, whose escape character is the backslash.
     *
     * @param trigger the text as it is stored in an image
     * @param at where to say that it stands: the FROM that fires it
     * @throws DockerfileException at that FROM, if the trigger is not an instruction that may be one
     */
    public static Instruction readTrigger(String trigger, SourceRange at) {
        List<LogicalLine> lines = new ArrayList<>();
        try {
            new LineReader(trigger, new Lines(trigger), '\\').read(lines);
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
