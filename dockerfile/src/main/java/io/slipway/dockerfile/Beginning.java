package io.slipway.dockerfile;

import io.slipway.dockerfile.instruction.Arg;
import io.slipway.dockerfile.instruction.From;
import io.slipway.dockerfile.instruction.Instruction;
import io.slipway.dockerfile.instruction.Statement;
import io.slipway.dockerfile.parser.DockerfileReader;
import io.slipway.dockerfile.source.DockerfileException;
import io.slipway.dockerfile.source.Lines;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A Dockerfile as far as it is in the language.
 *
 * @param dockerfile what could be read of it; all of it if there is no refusal
 * @param refusal why the rest is not in the language, or null
 */
public record Beginning(Dockerfile dockerfile, @Nullable DockerfileException refusal) {

    /** Parses the text of a Dockerfile, with any line ends, with or without a byte order mark. */
    public static Beginning of(String text) {
        DockerfileReader.Content content = DockerfileReader.read(text);
        DockerfileException refusal = content.refusal();
        List<Arg> globalArguments = new ArrayList<>();
        List<Stage> stages = new ArrayList<>();
        List<Instruction> instructions = new ArrayList<>();
        From from = null;
        for (Statement statement : content.statements()) {
            switch (statement) {
                case From next -> {
                    if (from != null) {
                        stages.add(new Stage(stages.size(), from, instructions));
                    }
                    from = next;
                    instructions = new ArrayList<>();
                }
                case Instruction instruction -> {
                    if (from != null) {
                        instructions.add(instruction);
                    } else if (instruction instanceof Arg arg) {
                        globalArguments.add(arg);
                    } else if (refusal == null) {
                        refusal = beforeFrom(instruction);
                    }
                }
            }
        }
        if (from != null) {
            stages.add(new Stage(stages.size(), from, instructions));
        } else if (refusal == null) {
            refusal = DockerfileException.atLine(
                    Lines.count(text), "the Dockerfile has no stage to build", "start one with FROM");
        }
        return new Beginning(new Dockerfile(content.directives(), globalArguments, stages), refusal);
    }

    private static DockerfileException beforeFrom(Instruction instruction) {
        return DockerfileException.at(
                instruction.origin().range(),
                instruction.origin().name() + " stands before the first FROM",
                "only ARG can stand there");
    }
}
