package io.slipway.dockerfile;

import io.slipway.dockerfile.directive.Directives;
import io.slipway.dockerfile.instruction.Arg;
import io.slipway.dockerfile.instruction.Instruction;
import io.slipway.dockerfile.parser.DockerfileReader;
import io.slipway.dockerfile.source.DockerfileException;
import io.slipway.dockerfile.source.FileSize;
import io.slipway.dockerfile.source.SourceRange;
import io.slipway.dockerfile.source.Utf8;
import java.util.List;

/**
 * A Dockerfile, parsed and not yet expanded.
 *
 * @param directives what the comments at its top say
 * @param globalArguments the ARGs before the first FROM, in order
 * @param stages the stages in order; never empty but in a {@link Beginning}
 */
public record Dockerfile(Directives directives, List<Arg> globalArguments, List<Stage> stages) {

    public Dockerfile {
        globalArguments = List.copyOf(globalArguments);
        stages = List.copyOf(stages);
    }

    /**
     * Parses a Dockerfile.
     *
     * @param text its text, with any line ends, with or without a byte order mark
     * @throws DockerfileException with the line, if it is not in the language
     */
    public static Dockerfile parse(String text) {
        Beginning beginning = Beginning.of(text);
        if (beginning.refusal() != null) {
            throw beginning.refusal();
        }
        return beginning.dockerfile();
    }

    /**
     * Parses the bytes of a Dockerfile; bytes that are not UTF-8 stay what they are, as lone surrogates (see {@link Utf8}).
     *
     * @throws DockerfileException with the line, if it is not in the language
     */
    public static Dockerfile parse(byte[] bytes) {
        DockerfileException refusal = FileSize.refusal(bytes.length);
        if (refusal != null) {
            throw refusal;
        }
        return parse(Utf8.decode(bytes));
    }

    /**
     * Parses a trigger of ONBUILD as it is stored in an image.
     *
     * @param at the FROM that fires it
     * @throws DockerfileException at that FROM, if the trigger cannot run
     */
    public static Instruction parseTrigger(String trigger, SourceRange at) {
        return DockerfileReader.readTrigger(trigger, at);
    }
}
