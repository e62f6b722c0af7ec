package io.slipway.dockerfile.hostile;

import io.slipway.dockerfile.source.FileSize;
import java.nio.charset.StandardCharsets;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Dockerfiles that somebody made to break whoever reads them. */
@SuppressWarnings("ImmutableEnumChecker") // the suppliers hold nothing
public enum Hostile {
    TEN_MEGABYTES_OF_COMMENTS("larger than 4194304 bytes", () -> "FROM scratch\n" + "# comment\n".repeat(1 << 20)),
    TEN_MEGABYTES_IN_ONE_LINE("larger than 4194304 bytes", () -> "FROM scratch\nENV a=" + "x".repeat(10 << 20)),
    TEN_MEGABYTES_IN_CONTINUED_LINES(
            "larger than 4194304 bytes", () -> "FROM scratch\nRUN a" + ("x".repeat(60_000) + "\\\n").repeat(170)),
    TEN_MEGABYTES_IN_A_HEREDOC(
            "larger than 4194304 bytes", () -> "FROM scratch\nCOPY <<E /\n" + "$a text\n".repeat(1_300_000) + "E\n"),
    A_HUNDRED_THOUSAND_INSTRUCTIONS(
            "more than 10000 instructions", () -> "FROM scratch\n" + "ENV a=b\n".repeat(100_000)),

    ALL_COMMENTS("", () -> "#a\n".repeat(1_398_000) + "ARG a\nFROM scratch\n"),
    ALL_DESCRIPTIONS("", () -> full("", i -> "#" + i + " x\n", "ARG a\nARG b\nFROM scratch\n")),
    ALL_BLANK_LINES("", () -> "FROM scratch\n" + "\n".repeat(4_194_000)),
    ALL_BLANK_CONTINUED_LINES("", () -> "FROM scratch\nRUN true\\\n" + "\n".repeat(4_194_000)),
    ALL_COMMENTS_IN_AN_INSTRUCTION("", () -> "FROM scratch\nRUN \\\n" + "#\n".repeat(2_097_000) + "true\n"),
    ALL_ONE_LINE("longer than 65535 bytes", () -> "FROM scratch\nENV a=" + "x".repeat(4_194_000)),
    ALL_ONE_VALUE("", () -> "FROM scratch\nENV a=" + wide("x", "\\\n") + "\n"),
    ALL_ONE_WIDE_VALUE("", () -> "FROM scratch\nENV a=" + wide("→", "\\\n") + "\n"),
    ALL_ONE_COMMAND("", () -> "FROM scratch\nRUN " + wide("x", "\\\n") + "\n"),
    ALL_ONE_WIDE_COMMAND("", () -> "FROM scratch\nRUN " + wide("→", "\\\n") + "\n"),
    ALL_ONE_HEREDOC("", () -> "FROM scratch\nCOPY <<E /\n" + "$a text\n".repeat(524_000) + "E\n"),
    ALL_ONE_WIDE_HEREDOC("", () -> "FROM scratch\nCOPY <<E /\n" + wide("→", "\n") + "\nE\n"),
    ALL_ONE_SCRIPT("", () -> "FROM scratch\nRUN <<E\n" + "a b\n".repeat(1_048_000) + "E\n"),
    ALL_ONE_JSON_STRING("", () -> "FROM scratch\nRUN [\"" + wide("x", "\\\n") + "\"]\n"),
    ALL_NUL_BYTES("zero byte", () -> "FROM scratch\n" + "\0".repeat(4_194_000)),

    ALL_WORDS_OF_A_COMMAND("", () -> "FROM scratch\nRUN " + lines(150_000, i -> "a \\") + "\n"),
    ALL_WORDS_OF_A_COMMAND_WITH_A_HEREDOC(
            "", () -> "FROM scratch\nRUN <<E " + lines(150_000, i -> "a \\") + "true\nE\n"),
    TOO_MANY_WORDS_OF_A_COMMAND(
            "more than 200000 words", () -> "FROM scratch\nRUN " + lines(1_048_000, i -> "a \\") + "\n"),
    TOO_MANY_VARIABLES("more than 200000 words", () -> "FROM scratch\nENV " + words(500_000, i -> "a=") + "\n"),
    TOO_MANY_PORTS("more than 200000 words", () -> "FROM scratch\nEXPOSE " + words(800_000, i -> "1") + "\n"),
    TOO_MANY_STRINGS(
            "more than 200000 words",
            () -> "FROM scratch\nCMD [" + lines(60_000, i -> "\"\",".repeat(20) + "\\") + "\"\"]"),
    TOO_MANY_FIELDS(
            "more than 200000 words",
            () -> "FROM scratch\nRUN --mount=" + lines(60, i -> ",".repeat(60_000) + "\\") + " true\n"),
    TOO_MANY_WORDS_ALTOGETHER(
            "more than 200000 words", () -> "FROM scratch\n" + lines(9_900, i -> "ENV" + " a=".repeat(100))),
    AS_MANY_VARIABLES_AS_WORDS("", () -> "FROM scratch\nENV " + words(66_000, i -> "a" + i + "=" + i) + "\n"),
    AN_ERROR_THAT_QUOTES_MEGABYTES("xxx…", () -> "FROM scratch\nENV " + wide("x", "\\\n") + "\n"),

    NESTED_DEFAULTS(
            "nested deeper than 64", () -> "FROM scratch\nENV a=" + "${a:-".repeat(10_000) + "x" + "}".repeat(10_000)),
    NESTED_DEFAULTS_IN_FROM("nested deeper than 64", () -> "FROM " + "${a:-".repeat(10_000) + "x" + "}".repeat(10_000)),
    NESTED_JSON("", () -> "FROM scratch\nCMD " + "[".repeat(30_000) + "]".repeat(30_000)),
    DOUBLED_VALUES(
            "together would expand to more than",
            () -> "ARG a0=xxxxxxxxxx\n"
                    + lines(18, i -> "ARG a" + (i + 1) + "=$a" + i + "$a" + i)
                    + lines(5_000, i -> "ARG b" + i + "=$a18")
                    + "FROM scratch\n"),
    DOUBLED_VALUES_IN_STAGES(
            "together would expand to more than",
            () -> "ARG a0=xxxxxxxxxx\n"
                    + lines(18, i -> "ARG a" + (i + 1) + "=$a" + i + "$a" + i)
                    + lines(
                            3_000,
                            i -> (i == 0 ? "FROM scratch" : "FROM " + "s" + (i - 1)) + " AS s" + i + "\nARG a18\nENV b"
                                    + i + "=$a18")),
    PATTERNS_ON_LONG_VALUES(
            "together would expand to more than",
            () -> "ARG a=" + "x".repeat(60_000) + "\nFROM scratch\nARG a\n"
                    + lines(3_000, i -> "ENV b=${a%%" + "?".repeat(1_000) + "y*}")),
    AS_MANY_VARIABLES_AS_INSTRUCTIONS("", () -> "FROM scratch\n" + lines(9_999, i -> "ENV a" + i + "=" + i)),
    AS_MANY_ARGUMENTS_AS_INSTRUCTIONS("", () -> "FROM scratch\n" + lines(9_999, i -> "ARG a" + i + "=$a" + (i - 1))),
    MANY_VARIABLES_AND_MANY_INSTRUCTIONS(
            "", () -> "FROM scratch\nENV " + words(100_000, i -> "a" + i + "=" + i) + "\n" + "ENV a=b\n".repeat(9_900)),
    A_HUNDRED_THOUSAND_UNKNOWN_VARIABLES(
            "",
            () -> "FROM scratch\nENV " + words(50_000, i -> "abcde" + i + "=") + "\nENV a=\""
                    + words(100_000, i -> "$abcdx" + i) + "\"\n"),
    MANY_COMMENTS_OVER_MANY_WARNINGS(
            "",
            () -> "FROM scratch\n" + "# check=skip=a;error=b\n".repeat(20_000) + "ENV "
                    + words(100_000, i -> "key_" + i + "=") + "\n"),
    PORTS_OF_MANY_RANGES(
            "more than 196608 ports", () -> "FROM scratch\nEXPOSE " + words(100_000, i -> "1-65535") + "\n"),

    AS_MANY_MOUNTS_AS_WORDS(
            "", () -> "FROM scratch\nRUN " + words(99_000, i -> "--mount=type=secret,id=s" + i) + "\\\n true\n"),
    A_HUNDRED_THOUSAND_BAD_MOUNTS(
            "unknown mount type", () -> "FROM scratch\nRUN " + words(100_000, i -> "--mount=type=x") + "\\\n true\n"),
    A_HUNDRED_THOUSAND_HEREDOCS(
            "",
            () -> "FROM scratch\nCOPY " + words(100_000, i -> "<<E" + i) + "\\\n /\n" + lines(100_000, i -> "E" + i)),
    HEREDOCS_WITHOUT_END("is not terminated", () -> "FROM scratch\nRUN " + words(100_000, i -> "<<E") + "\\\n\n"),
    SOURCES_AND_IGNORE_PATTERNS("", () -> "FROM scratch\nCOPY " + words(100_000, i -> "a" + i + "/b") + "\\\n /\n") {
        @Override
        public String ignored() {
            return lines(5_000, i -> "**/x*" + i + "*y*/z");
        }
    },

    DEEP_SOURCES_AND_IGNORE_PATTERNS(
            "", () -> "FROM scratch\n" + lines(300, i -> "COPY " + "a/".repeat(1_500) + "x" + i + " /o/")) {
        @Override
        public String ignored() {
            return lines(9_000, i -> "**/a/**/a/**/a/**/b" + i);
        }
    },
    UNDEFINED_NAMES_LIKE_DEFINED_ONES("", () -> similar(66, 1_000)),
    UNDEFINED_LONG_NAMES_LIKE_DEFINED_ONES("", () -> similar(190, 1_000)),
    MANY_UNDEFINED_NAMES(
            "",
            () -> "FROM scratch\nENV " + words(2_000, i -> "a" + i + "=1") + "\n"
                    + lines(9_000, i -> "LABEL x=$b" + i + "x")),

    TRIGGERS_FIRED_BY_MANY_STAGES(
            "more than 10000 triggers",
            () -> "FROM scratch AS a\n" + "ONBUILD RUN true\n".repeat(4_900) + "FROM a\n".repeat(4_900)),
    A_CHAIN_OF_TRIGGERS(
            "",
            () -> "FROM scratch AS s0\nONBUILD RUN true\n"
                    + lines(4_000, i -> "FROM s" + i + " AS s" + (i + 1) + "\nONBUILD COPY --from=s0 / /")),
    NESTED_TRIGGERS("cannot trigger ONBUILD", () -> "FROM scratch\n" + "ONBUILD ".repeat(8_000) + "RUN true\n"),
    A_CHAIN_OF_STAGES("", () -> "FROM scratch AS s0\n" + lines(9_000, i -> "FROM s" + i + " AS s" + (i + 1))),
    STAGES_THAT_COPY_FROM_ALL(
            "",
            () -> "FROM scratch AS s0\n"
                    + lines(
                            4_000,
                            i -> "FROM s" + i + " AS s" + (i + 1) + "\nRUN "
                                    + words(Math.min(i, 20), j -> "--mount=from=s" + (i - j) + ",target=/m" + j)
                                    + " true")
                    + lines(1_900, i -> "COPY --from=" + i + " / /")),
    A_CIRCLE_OF_THOUSANDS(
            "needs itself",
            () -> lines(4_900, i -> "FROM scratch AS s" + i + "\nCOPY --from=" + (i + 1) % 4_900 + " / /")),
    STAGES_THAT_LEAD_TO_A_CIRCLE(
            "needs itself",
            () -> lines(4_898, i -> "FROM scratch\nCOPY --from=" + (i + 1) + " / /")
                    + "FROM scratch AS a\nCOPY --from=b / /\nFROM scratch AS b\nCOPY --from=a / /\n");

    @Nullable
    private final String refusal;

    private final Supplier<String> text;

    Hostile(String refusal, Supplier<String> text) {
        this.refusal = refusal.isEmpty() ? null : refusal;
        this.text = text;
    }

    /** The Dockerfile. */
    public String text() {
        return text.get();
    }

    /** The {@code .dockerignore} beside it, or null. */
    @Nullable
    public String ignored() {
        return null;
    }

    /** What its refusal says, or null if it is accepted. */
    @Nullable
    public String refusal() {
        return refusal;
    }

    /** As many lines as a file may have between a beginning and an end. */
    private static String full(String beginning, IntFunction<String> line, String end) {
        StringBuilder text = new StringBuilder(beginning);
        for (int i = 0; text.length() < FileSize.MOST_BYTES - 100; i++) {
            text.append(line.apply(i));
        }
        return text.append(end).toString();
    }

    /** As much of a character as a file may have, in lines that are not too long. */
    private static String wide(String character, String lineEnd) {
        int bytes = character.getBytes(StandardCharsets.UTF_8).length;
        String line = character.repeat(60_000 / bytes);
        return (line + lineEnd).repeat(FileSize.MOST_BYTES / 60_010);
    }

    private static String similar(int length, int number) {
        String name = "a".repeat(length);
        return "FROM scratch\n" + lines(number, i -> "ENV x" + name + i + "=1")
                + lines(number, i -> "LABEL x=$y" + name + i);
    }

    private static String lines(int count, IntFunction<String> line) {
        return IntStream.range(0, count).mapToObj(line).collect(Collectors.joining("\n", "", "\n"));
    }

    /** Words in continued lines, of which none is too long. */
    private static String words(int count, IntFunction<String> word) {
        return IntStream.range(0, count).mapToObj(word).collect(Collectors.joining(" \\\n"));
    }
}
