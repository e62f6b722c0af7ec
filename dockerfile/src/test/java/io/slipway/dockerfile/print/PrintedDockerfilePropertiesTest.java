package io.slipway.dockerfile.print;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.dockerfile.Dockerfile;
import io.slipway.dockerfile.instruction.MountFlag;
import io.slipway.dockerfile.instruction.Origin;
import io.slipway.dockerfile.language.LanguageCase;
import io.slipway.dockerfile.language.LanguageCases;
import io.slipway.dockerfile.source.DockerfileException;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What is printed is read as what was printed, positions and comments aside. */
class PrintedDockerfilePropertiesTest {

    static Stream<String> recorded() {
        return LanguageCases.all().stream()
                .map(LanguageCase::dockerfile)
                .flatMap(Stream::ofNullable)
                .filter(text -> parsed(text).isPresent());
    }

    @ParameterizedTest
    @MethodSource("recorded")
    void ofEveryRecordedDockerfile(String text) {
        check(parsed(text).orElseThrow());
    }

    @Property(tries = 1000, seed = "1")
    void ofAnyDockerfile(@ForAll("instructions") List<String> instructions, @ForAll boolean backtick) {
        StringBuilder text = new StringBuilder((backtick ? "# escape=`\n" : "") + "FROM scratch AS first\n");
        for (String instruction : instructions) {
            // What is refused is left out, so that what is left is long.
            if (parsed(text + instruction + "\n").isPresent()) {
                text.append(instruction).append('\n');
            }
        }
        check(parsed(text.toString()).orElseThrow());
    }

    @Provide
    Arbitrary<List<String>> instructions() {
        Arbitrary<String> word = Arbitraries.of(
                "a",
                "$b",
                "${c:-d e}",
                "\"q r\"",
                "'s'",
                "[\"j\", \"k l\"]",
                "[\"\", \"\\n\"]",
                "x=y",
                "n=\"1 2\"",
                "80/tcp",
                "--link",
                "--from=first",
                "--chown=1:2",
                "--chown='x y':\\'z",
                "--exclude=*.o",
                "--mount=type=cache,target=/c",
                "--mount=type=bind,\"source=a,b\",target=/m",
                "--network=none",
                "--interval=1m30s",
                "--retries=3",
                "<<E",
                "<<-\"F\"",
                "\\\n",
                "\\\n# c\n",
                "é",
                "\t",
                "\u00a0",
                "\u00a0x",
                "'",
                "\"",
                "\\ ",
                "\\",
                "\\\\",
                "` ",
                "`\n",
                "=",
                "#",
                "CMD",
                "NONE",
                "COPY",
                "RUN",
                "http://h/x",
                "--keep-git-dir=false");
        Arbitrary<String> tail = Arbitraries.of("", "\nbody\nE", "\n#!/bin/sh\n\tx\nE", "\n\tone\n\tF", "\n\n\nE\n\tF");
        Arbitrary<String> name = Arbitraries.of(
                "ADD",
                "ARG",
                "CMD",
                "copy",
                "COPY",
                "ENTRYPOINT",
                "ENV",
                "EXPOSE",
                "FROM",
                "HEALTHCHECK",
                "LABEL",
                "MAINTAINER",
                "ONBUILD",
                "RUN",
                "Run",
                "SHELL",
                "STOPSIGNAL",
                "USER",
                "VOLUME",
                "WORKDIR");
        return net.jqwik.api.Combinators.combine(name, word.list().ofMinSize(1).ofMaxSize(5), tail)
                .as((first, words, end) -> first + " " + String.join(" ", words) + end)
                .list()
                .ofMaxSize(12);
    }

    private static void check(Dockerfile dockerfile) {
        String printed = Printer.print(dockerfile);
        Dockerfile again = Dockerfile.parse(printed);
        assertThat(shape(again.stages())).as(printed).isEqualTo(shape(dockerfile.stages()));
        assertThat(shape(again.globalArguments())).as(printed).isEqualTo(shape(dockerfile.globalArguments()));
        assertThat(Printer.print(again)).isEqualTo(printed);
    }

    private static Optional<Dockerfile> parsed(String text) {
        try {
            return Optional.of(Dockerfile.parse(text));
        } catch (DockerfileException e) {
            return Optional.empty();
        }
    }

    /** Records as lists of their parts without what they keep for errors. */
    private static @Nullable Object shape(@Nullable Object value) {
        return switch (value) {
            case null -> null;
            case List<?> list ->
                list.stream().map(PrintedDockerfilePropertiesTest::shape).toList();
            case Origin _ -> "";
            case MountFlag flag -> shape(flag.fields());
            case Record parts -> {
                List<@Nullable Object> shape =
                        new ArrayList<>(List.of(value.getClass().getSimpleName()));
                for (RecordComponent component : parts.getClass().getRecordComponents()) {
                    try {
                        shape.add(shape(component.getAccessor().invoke(parts)));
                    } catch (ReflectiveOperationException e) {
                        throw new LinkageError(e.getMessage(), e);
                    }
                }
                yield shape;
            }
            default -> value;
        };
    }
}
