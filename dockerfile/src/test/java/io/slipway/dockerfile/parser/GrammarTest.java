package io.slipway.dockerfile.parser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
import io.slipway.dockerfile.instruction.Healthcheck;
import io.slipway.dockerfile.instruction.Heredoc;
import io.slipway.dockerfile.instruction.Instruction;
import io.slipway.dockerfile.instruction.KeyValue;
import io.slipway.dockerfile.instruction.Onbuild;
import io.slipway.dockerfile.instruction.Ownership;
import io.slipway.dockerfile.instruction.Run;
import io.slipway.dockerfile.instruction.Shell;
import io.slipway.dockerfile.instruction.Stopsignal;
import io.slipway.dockerfile.instruction.User;
import io.slipway.dockerfile.instruction.Volume;
import io.slipway.dockerfile.instruction.Workdir;
import io.slipway.dockerfile.source.DockerfileException;
import io.slipway.dockerfile.source.SourceRange;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Lines, directives, heredocs and instructions, dockerfile.md §1, §2, §4 and §5. */
class GrammarTest {

    private static Instruction only(String text) {
        return Dockerfile.parse("FROM scratch\n" + text)
                .stages()
                .getFirst()
                .instructions()
                .getFirst();
    }

    @Test
    void anInstructionKnowsItsPlaceItsTextAndItsComments() {
        Instruction env = Dockerfile.parse(
                        "FROM scratch\n# lost\n\n# one\n  # two\n  Env a=1 \\\n# gone\n   b=2\nUSER x\n")
                .stages()
                .getFirst()
                .instructions()
                .getFirst();
        assertThat(env.origin().range()).isEqualTo(new SourceRange(6, 3, 8));
        assertThat(env.origin().keyword()).isEqualTo("Env");
        assertThat(env.origin().text()).isEqualTo("Env a=1    b=2");
        assertThat(env.origin().comments()).containsExactly("one", "two");
    }

    @Test
    void theRangeOfAHeredocEndsAtItsEnd() {
        Instruction copy = only("COPY <<A <<B /d/\n1\nA\n2\nB\n");
        assertThat(copy.origin().range()).isEqualTo(new SourceRange(2, 1, 6));
        assertThat(((Copy) copy).sources())
                .containsExactly(
                        new CopySource.Inline(new Heredoc("A", true, "1\n")),
                        new CopySource.Inline(new Heredoc("B", true, "2\n")));
    }

    @Test
    void aLineCannotBeLongerThan65535Bytes() {
        String longest = "LABEL a=" + "x".repeat(65535 - 8);
        assertThat(only(longest)).isNotNull();
        assertThatThrownBy(() -> only(longest + "x")).isInstanceOf(DockerfileException.class);
        assertThatThrownBy(() -> only("LABEL a=" + "é".repeat(40_000)))
                .isInstanceOfSatisfying(
                        DockerfileException.class, e -> assertThat(e.line()).isEqualTo(2));
    }

    @Test
    void bytesThatAreNotUtf8Survive() {
        byte[] bytes = "FROM scratch\nLABEL a=x\n".getBytes(StandardCharsets.ISO_8859_1);
        bytes[bytes.length - 2] = (byte) 0xFF;
        assertThat(Dockerfile.parse(bytes).stages().getFirst().instructions().getFirst())
                .hasFieldOrPropertyWithValue("pairs", List.of(new KeyValue("a", "\uDCFF")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "# syntax=docker/dockerfile:1",
                "# syntax=docker.io/docker/dockerfile:1.7-labs",
                "#SYNTAX = docker/dockerfile-upstream:master",
                "# syntax=docker/dockerfile@sha256:0123456789012345678901234567890123456789012345678901234567890123",
                "# syntax=docker/dockerfile:1 some arguments",
                "# syntax=dockerfile.v0",
            })
    void theStandardFrontendIsThisLanguage(String directive) {
        assertThat(Dockerfile.parse(directive + "\nFROM scratch\n").directives().syntax())
                .isNotNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "# syntax=other/frontend:1\nFROM scratch\n",
                "# syntax=docker.io/evil/docker/dockerfile\nFROM scratch\n",
                "# escape=\\\n# syntax=docker/dockerfilex\nFROM scratch\n",
                "#!/usr/bin/env build\n# syntax=other/frontend:1\nFROM scratch\n",
                "// syntax=other/frontend:1\nFROM scratch\n",
                "{\"x\": \"y\", \"syntax\": \"other/frontend:1\"}\n",
            })
    void anotherFrontendIsRefusedByName(String text) {
        assertThatThrownBy(() -> Dockerfile.parse(text)).isInstanceOfSatisfying(DockerfileException.class, e -> {
            assertThat(e.message()).contains("is not supported");
            assertThat(text.split("\n")[e.line() - 1]).contains("syntax");
        });
    }

    @Test
    void directivesEndAtTheFirstLineThatIsNone() {
        Dockerfile dockerfile = Dockerfile.parse("# check=skip=all\n# other=1\n# escape=`\nFROM scratch\n");
        assertThat(dockerfile.directives().escape()).isEqualTo('\\');
        assertThat(dockerfile.directives().check().skipsAll()).isTrue();
        assertThat(dockerfile.stages().getFirst().from().origin().comments()).containsExactly("other=1", "escape=`");
    }

    @Test
    void flagsStandBeforeTheArgumentsAndCanBeQuoted() {
        Copy copy = (Copy)
                only(
                        "COPY --from=a --chown='x y':z --chmod=u=rw\\,g=r --link --parents=TRUE --exclude=a --exclude=b -- --c /d");
        assertThat(copy)
                .isEqualTo(new Copy(
                        copy.origin(),
                        "a",
                        new Ownership("x y:z", "u=rw,g=r"),
                        true,
                        true,
                        List.of("a", "b"),
                        List.of(new CopySource.Path("--c")),
                        "/d"));
    }

    @Test
    void addTellsSwitchesThatAreNotGivenFromThoseThatAreOff() {
        Add add = (Add) only("ADD --unpack=false --checksum=sha256:0 a /d");
        assertThat(add.unpack()).isFalse();
        assertThat(add.keepGitDir()).isNull();
        assertThat(add.checksum()).isEqualTo("sha256:0");
    }

    /** §1: {@code [\t\v\f\r ]} separate words; U+00A0 and the like are only trimmed at the ends of a line. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "EXPOSE\u000b1\f2\t3\r4 5",
                "\u00a0EXPOSE 1 2\u000b\u000b3 4 5\u00a0",
                "EXPOSE 1 2 \\ \t\n3\\\n 4 5\u2003",
                "\u0085 EXPOSE \\\n1 2 3 \\\n\u2003\n4 5",
            })
    void blanks(String line) {
        assertThat(((Expose) only(line)).ports()).containsExactly("1", "2", "3", "4", "5");
    }

    /** §1: no separator, and so part of a word. */
    @ParameterizedTest
    @ValueSource(strings = {"1\u00a02", "1\u20032", "1\u00852"})
    void otherBlanksDoNotSeparate(String word) {
        assertThat(((Expose) only("EXPOSE " + word)).ports()).containsExactly(word);
    }

    /** §1: RUN and CMD without text are an empty shell command; ENTRYPOINT alike. */
    @ParameterizedTest
    @ValueSource(strings = {"RUN", "CMD", "ENTRYPOINT", "cmd \\\n", "RUN --network=none"})
    void aCommandCanBeEmpty(String line) {
        Instruction instruction = only(line);
        CommandLine command = switch (instruction) {
            case Run run -> run.command();
            case Cmd cmd -> cmd.command();
            case Entrypoint entrypoint -> entrypoint.command();
            default -> throw new AssertionError(instruction);
        };
        assertThat(command).isEqualTo(new CommandLine.ShellText(""));
    }

    /** §1: instructions that need an argument, also if blanks follow. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "ADD",
                "ARG",
                "COPY",
                "ENV",
                "EXPOSE",
                "FROM",
                "HEALTHCHECK",
                "LABEL",
                "MAINTAINER",
                "ONBUILD",
                "SHELL",
                "STOPSIGNAL",
                "USER",
                "VOLUME",
                "WORKDIR"
            })
    void othersNeedAnArgument(String name) {
        for (String line : List.of(name, name + " \t", name + " \\\n")) {
            assertThatThrownBy(() -> only(line))
                    .isInstanceOfSatisfying(
                            DockerfileException.class, e -> assertThat(e.line()).isEqualTo(2));
        }
    }

    /** §1: the JSON form is that of RUN, CMD, ENTRYPOINT, SHELL, VOLUME, ADD, COPY and HEALTHCHECK CMD. */
    @Test
    void theJsonFormIsThatOfSomeInstructions() {
        List<String> words = List.of("a b", "c");
        String json = " [\"a b\", \"c\"] ";
        assertThat(command("RUN" + json)).isEqualTo(new CommandLine.Exec(words));
        assertThat(((Cmd) only("CMD" + json)).command()).isEqualTo(new CommandLine.Exec(words));
        assertThat(((Entrypoint) only("ENTRYPOINT" + json)).command()).isEqualTo(new CommandLine.Exec(words));
        assertThat(((Healthcheck) only("HEALTHCHECK CMD" + json)).command()).isEqualTo(new CommandLine.Exec(words));
        assertThat(((Shell) only("SHELL" + json)).arguments()).isEqualTo(words);
        assertThat(((Volume) only("VOLUME" + json)).paths()).isEqualTo(words);
        assertThat(((Copy) only("COPY" + json)).sources()).containsExactly(new CopySource.Path("a b"));
        assertThat(((Add) only("ADD" + json)).destination()).isEqualTo("c");
        assertThat(((User) only("USER" + json)).user()).isEqualTo(json.strip());
        assertThat(((Workdir) only("WORKDIR" + json)).path()).isEqualTo(json.strip());
        assertThat(((Stopsignal) only("STOPSIGNAL" + json)).signal()).isEqualTo(json.strip());
        assertThat(((Expose) only("EXPOSE" + json)).ports()).containsExactly("\"c\"]", "[\"a", "b\",");
    }

    /** §4: RUN, COPY, ADD and their triggers have heredocs; elsewhere the next line is an instruction. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "RUN cat <<E",
                "run <<E cat",
                "COPY <<E /a",
                "ADD x <<E /a",
                "ONBUILD RUN <<E",
                "onbuild copy <<E /a",
                "ONBUILD ADD <<E /a",
                "RUN --network=none <<E",
                "COPY --link <<E /a",
                "RUN [x <<E"
            })
    void haveHeredocs(String line) {
        String text = line + "\nUSER x\nE\nUSER y\n";
        assertThat(Dockerfile.parse("FROM scratch\n" + text).stages().getFirst().instructions())
                .hasSize(2)
                .last()
                .hasFieldOrPropertyWithValue("user", "y");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "CMD cat <<E", "ENTRYPOINT <<E", "ENV a=<<E", "LABEL a <<E", "HEALTHCHECK CMD <<E", "MAINTAINER <<E",
                        "USER <<E",
                "ONBUILD CMD <<E", "RUN [\"<<E\"]", "COPY [\"<<E\", \"/a\"]", "RUN \"<<E\"", "RUN a<<E", "RUN <<<E",
                        "RUN $((1<<E))"
            })
    void haveNone(String line) {
        String text = line + "\nUSER x\n";
        assertThat(Dockerfile.parse("FROM scratch\n" + text).stages().getFirst().instructions())
                .hasSize(2)
                .last()
                .hasFieldOrPropertyWithValue("user", "x");
    }

    /** §2: each directive once; the key in any case; the first line that is none ends them. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "# escape=`\n# escape=`\n",
                "# ESCAPE=`\n#escape =\\\n",
                "# syntax=docker/dockerfile:1\n# syntax=docker/dockerfile:1\n",
                "# check=skip=all\n# Check = error=true\n",
                "# escape=\\\\\n",
                "# check=frob=1\n",
                "# check=error=maybe\n",
            })
    void directivesThatAreRefused(String text) {
        assertThatThrownBy(() -> Dockerfile.parse(text + "FROM scratch\n")).isInstanceOf(DockerfileException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "#escape=`\n",
                "  # \tEsCaPe \t=  ` \n",
                "\uFEFF# escape=`\r\n",
                "# check=skip=A\n# syntax=docker/dockerfile:1\n# escape=`\n",
                "# syntax=dockerfile.v0\n# escape=`\n",
            })
    void directivesThatCount(String text) {
        assertThat(Dockerfile.parse(text + "FROM scratch\n").directives().escape())
                .isEqualTo('`');
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\n# escape=`\n",
                "#\n# escape=`\n",
                "# a comment\n# escape=`\n",
                "# unknown=1\n# escape=`\n",
                "ARG a\n# escape=`\n",
                "# escape\n# escape=`\n",
            })
    void directivesThatComeTooLate(String text) {
        assertThat(Dockerfile.parse(text + "FROM scratch\n").directives().escape())
                .isEqualTo('\\');
    }

    /** §1: the escape character that the directive names is that of flags, too. */
    @Test
    void inFlagsItIsTheEscapeCharacterThatEscapes() {
        Copy copy = (Copy) Dockerfile.parse(
                        "# escape=`\nFROM scratch\nCOPY --exclude=a` b --exclude=\\c --chown=`1:'2 3' x `\n y\n")
                .stages()
                .getFirst()
                .instructions()
                .getFirst();
        assertThat(copy.excludes()).containsExactly("a b", "\\c");
        assertThat(copy.ownership().chown()).isEqualTo("1:2 3");
        assertThat(copy.destination()).isEqualTo("y");
    }

    /** §1: with a form feed after it an escape character does not continue the line, and is trimmed to stand alone. */
    @ParameterizedTest
    @ValueSource(strings = {"ARG", "ENV", "LABEL"})
    void anEscapeCharacterAloneIsNoArgument(String name) {
        assertThatThrownBy(() -> only(name + " \\\f"))
                .isInstanceOfSatisfying(
                        DockerfileException.class, e -> assertThat(e.message()).isEqualTo(name + " needs an argument"));
        // Whether a trigger can run shows where it is fired.
        assertThat(((Onbuild) only("ONBUILD " + name + " \\\f")).trigger()).isEqualTo(name + " \\");
    }

    /** §5 ENV: which form it is depends on the first word, whose blanks may be escaped; the old form's name ends at any blank. */
    @Test
    void theOldFormEndsItsNameAtAnEscapedBlank() {
        assertThat(((Env) only("ENV \\  x=y a")).pairs()).containsExactly(new KeyValue("\\", "x=y a"));
        assertThat(((Env) only("ENV \\ x=y a=b")).pairs())
                .containsExactly(new KeyValue("\\ x", "y"), new KeyValue("a", "b"));
        assertThat(((Env) only("ENV a\u00a0b c")).pairs()).containsExactly(new KeyValue("a\u00a0b", "c"));
        assertThat(((Env) only("ENV 'a b=c' d='e")).pairs())
                .containsExactly(new KeyValue("'a b", "c'"), new KeyValue("d", "'e"));
    }

    @ParameterizedTest(name = "{0}: {1} ({2})")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\u0001',
            nullValues = "-",
            value = {
                "COPPY a b               | unknown instruction COPPY                              | did you mean COPY?",
                "FROBNICATE              | unknown instruction FROBNICATE                         | -",
                "COPY --form=a b c       | COPY does not know the flag --form                     | did you mean --from?",
                "ENV --x=1 a=b           | ENV does not know the flag --x                         | -",
                "COPY --link= a b        | the flag --link is true or false, not \"\"             | write --link",
                "COPY --chown a b        | the flag --chown needs a value                         | write --chown=VALUE",
                "COPY --chown=1 --chown=2 a b | the flag --chown is given twice                   | -",
                "COPY a                  | COPY needs a source and a destination, and has only \"a\" | write COPY SOURCE DESTINATION",
                "COPY a <<E              | the heredoc E is not terminated                        | end it with a line that is exactly E",
                "CMD [\"a\", 1]          | the JSON array [\"a\", 1] holds something else than strings | put every word in double quotes",
                "RUN []                  | RUN [] has no command                                  | -",
                "RUN --network=hots x    | RUN --network=hots is not known                        | did you mean host?",
                "SHELL sh                | SHELL needs its arguments as a JSON array              | write SHELL [\"/bin/sh\", \"-c\"]",
                "HEALTHCHECK --timeout=5 CMD x | --timeout=5 is not a duration                    | write a number and a unit, such as 30s, 500ms or 1m30s",
                "HEALTHCHECK --retries=x CMD x | --retries=x is not a number from 0 up            | -",
                "HEALTHCHECK NONE --interval=1s | HEALTHCHECK NONE takes no arguments             | -",
                "HEALTHCHECK CDM x       | HEALTHCHECK CDM is not known                           | did you mean CMD?",
                "COPY <<.. /d/¶a¶..     | the heredoc .. cannot be the name of a file            | write a name without slashes",
                "COPY <<a/b /d/¶a¶a/b   | the heredoc a/b cannot be the name of a file           | write a name without slashes",
                "RUN <<a/b¶#!/bin/sh¶a/b | the heredoc a/b cannot be the name of a file         | write a name without slashes",
                "RUN <<../x¶#!/bin/sh¶../x | the heredoc ../x cannot be the name of a script    | write a name without slashes",
                "RUN [\"a\", \"b\\u0000\"] | a word of RUN has a zero byte, which no argument of a program can have | -",
                "ONBUILD ENV a           | ENV a has no value                                     | write ENV NAME=VALUE",
                "FROM a b                | FROM takes an image, and after it AS and a name        | write FROM IMAGE, or FROM IMAGE AS NAME",
            })
    void mistakesAreNamedWithAHint(String line, String message, String hint) {
        assertThatThrownBy(() -> only(line.replace('¶', '\n'))).isInstanceOfSatisfying(DockerfileException.class, e -> {
            assertThat(e.message()).isEqualTo(message);
            assertThat(e.hint()).isEqualTo(hint);
            assertThat(e.line()).isEqualTo(2);
            assertThat(e.describe()).startsWith("line 2: " + message);
        });
    }

    @ParameterizedTest
    @CsvSource({
        "1h2m3s, PT1H2M3S",
        "1.5s, PT1.5S",
        "500ms, PT0.5S",
        ".5m, PT30S",
        "+1s, PT1S",
        "0, PT0S",
        "2000us, PT0.002S"
    })
    void durations(String text, Duration expected) {
        Healthcheck healthcheck = (Healthcheck) only("HEALTHCHECK --interval=" + text + " CMD x");
        assertThat(healthcheck.interval()).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"1", "s", "1x", "1s2", "-1s", "1ns", "9999999999h", "+", "1 s"})
    void otherDurationsAreRefused(String text) {
        assertThatThrownBy(() -> only("HEALTHCHECK --interval='" + text + "' CMD x"))
                .isInstanceOf(DockerfileException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[\"a\",]",
                "[\"a\" \"b\"]",
                "['a']",
                "[\"a\"] x",
                "[\"\\x\"]",
                "[\"\t\"]",
                "[",
                "[01]",
                "[\"a]",
                "[tru]",
                "{\"a\":1}"
            })
    void whatIsNoJsonIsTheShellForm(String text) {
        assertThat(((Cmd) only("CMD " + text)).command()).isEqualTo(new CommandLine.ShellText(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"[null]", "[[\"a\"]]", "[{\"a\": [1, true, -1.5e3]}, \"b\"]", "[1]"})
    void jsonOfOtherThingsThanStringsIsRefused(String text) {
        assertThatThrownBy(() -> only("CMD " + text)).isInstanceOf(DockerfileException.class);
    }

    @Test
    void aRunKnowsWhatItsHeredocsAreFor() {
        assertThat(command("RUN <<E\n\ta\nE\n")).isEqualTo(new CommandLine.ShellText("\ta\n"));
        assertThat(command("RUN <<-E\n\ta\n\tE\n")).isEqualTo(new CommandLine.ShellText("a\n"));
        assertThat(command("RUN <<E\n#!/x\nE\n")).isEqualTo(new CommandLine.Script("E", "#!/x\n"));
        assertThat(command("RUN cat <<-E\n\ta\n\tE\n")).isEqualTo(new CommandLine.ShellText("cat <<-E\n\ta\nE"));
        assertThat(command("RUN <<E\r\na\r\nE\r\n")).isEqualTo(new CommandLine.ShellText("a\r\n"));
        assertThat(command("RUN [\"a\", \"<<E\"]")).isEqualTo(new CommandLine.Exec(List.of("a", "<<E")));
    }

    private static CommandLine command(String text) {
        return ((Run) only(text)).command();
    }

    @Test
    void wordsOfArgAndEnvKeepTheirQuotesForExpansion() {
        assertThat(((Arg) only("ARG a='x y' b c=")).declarations())
                .containsExactly(
                        new Arg.Declaration("a", "'x y'"),
                        new Arg.Declaration("b", null),
                        new Arg.Declaration("c", ""));
        assertThat(((Env) only("ENV a=\"x \\\" y\" 'b'=c\\ d")).pairs())
                .containsExactly(new KeyValue("a", "\"x \\\" y\""), new KeyValue("'b'", "c\\ d"));
        assertThat(((Env) only("ENV a b  'c' =d")))
                .isEqualTo(new Env(only("ENV a b  'c' =d").origin(), List.of(new KeyValue("a", "b  'c' =d")), true));
    }

    @Test
    void aTriggerIsParsedWhereItIsFired() {
        Onbuild onbuild = (Onbuild) only("ONBUILD COPY <<E /f\n$x\nE\n");
        assertThat(onbuild.trigger()).isEqualTo("COPY <<E /f\n$x\nE");
        SourceRange from = new SourceRange(7, 1, 7);
        Copy copy = (Copy) Dockerfile.parseTrigger(onbuild.trigger(), from);
        assertThat(copy.sources()).containsExactly(new CopySource.Inline(new Heredoc("E", true, "$x\n")));
        assertThat(copy.origin().range()).isEqualTo(from);
    }

    @ParameterizedTest
    @ValueSource(strings = {"FROB x", "FROM x", "ONBUILD RUN x", "MAINTAINER x", "RUN a\nRUN b", "", "COPY a"})
    void otherTriggersAreRefusedAtTheFromThatFiresThem(String trigger) {
        assertThatThrownBy(() -> Dockerfile.parseTrigger(trigger, new SourceRange(7, 1, 7)))
                .isInstanceOfSatisfying(
                        DockerfileException.class, e -> assertThat(e.line()).isEqualTo(7));
    }

    @Test
    void thereIsALimitToInstructions() {
        assertThatThrownBy(() -> Dockerfile.parse("FROM scratch\n" + "USER x\n".repeat(10_000)))
                .isInstanceOf(DockerfileException.class)
                .hasMessageContaining("10000");
    }
}
