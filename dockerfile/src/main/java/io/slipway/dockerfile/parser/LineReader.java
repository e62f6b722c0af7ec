package io.slipway.dockerfile.parser;

import io.slipway.dockerfile.expansion.HeredocWord;
import io.slipway.dockerfile.instruction.Comments;
import io.slipway.dockerfile.instruction.Origin;
import io.slipway.dockerfile.source.Blanks;
import io.slipway.dockerfile.source.DockerfileException;
import io.slipway.dockerfile.source.InvalidValueException;
import io.slipway.dockerfile.source.Lines;
import io.slipway.dockerfile.source.SourceRange;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Joins the lines of a file to instructions: comments go, continuation lines are joined, heredocs are collected (dockerfile.md §1 and §4). */
final class LineReader {

    /** The longest line that the reference frontend reads. */
    private static final int LONGEST_LINE_BYTES = 65535;

    /** More are refused: what is done for each may look at all that came before. */
    private static final int MOST_INSTRUCTIONS = 10_000;

    private static final Set<String> WITH_HEREDOCS = Set.of("ADD", "COPY", "RUN");

    /** More are refused: each costs many times its length, as it is read, expanded, checked and told. */
    private static final int MOST_WORDS = 200_000;

    private static final Set<String> WITH_SHELL_TEXT = Set.of("CMD", "ENTRYPOINT", "RUN");

    private final Lines lines;
    private final char escape;
    private final Comments.Collector comments;
    private int words;

    /**
     * @param text the text of the file, without a byte order mark
     * @param lines its lines behind the parser directives
     */
    LineReader(String text, Lines lines, char escape) {
        this.lines = lines;
        this.escape = escape;
        this.comments = new Comments.Collector(text);
    }

    /**
     * Reads all instructions, adding each to {@code instructions} as soon as it is complete.
     *
     * @throws DockerfileException if a line is too long, or a heredoc does not end
     */
    void read(List<LogicalLine> instructions) {
        while (lines.hasNext()) {
            int start = lines.position();
            String line = nextLine();
            String text = Blanks.trimStart(line);
            if (text.startsWith("#") && !Blanks.trim(text.substring(1)).isEmpty()) {
                comments.add(start + line.length() - text.length() + 1);
            } else if (text.isEmpty() || text.startsWith("#")) {
                comments.clear();
            } else {
                if (instructions.size() == MOST_INSTRUCTIONS) {
                    throw DockerfileException.atLine(
                            lines.number(),
                            "the Dockerfile has more than " + MOST_INSTRUCTIONS + " instructions",
                            null);
                }
                instructions.add(readInstruction(text, line.length() - text.length() + 1));
            }
        }
    }

    private LogicalLine readInstruction(String firstLine, int column) {
        int start = lines.number();
        StringBuilder text = new StringBuilder();
        boolean emptyLines = false;
        boolean continued = appendLine(firstLine, text);
        while (continued && lines.hasNext()) {
            String line = nextLine();
            String stripped = Blanks.trimStart(line);
            if (stripped.startsWith("#")) {
                continue;
            }
            if (stripped.isEmpty()) {
                emptyLines = true;
                continue;
            }
            continued = appendLine(line, text);
        }
        int emptyContinuationLine = emptyLines ? lines.number() : 0;
        String joined = Blanks.trim(text.toString());
        SourceRange range = new SourceRange(start, column, lines.number());
        int own = countWords(joined);
        if (own > MOST_WORDS) {
            throw tooManyWords(range);
        }
        Head head = Head.split(joined, escape);
        // What a shell gets is not split; but the flags before it are.
        boolean shellText =
                WITH_SHELL_TEXT.contains(head.name()) && !head.arguments().startsWith("[");
        words += shellText
                ? head.flags().stream().mapToInt(LineReader::countWords).sum()
                : own;
        if (words > MOST_WORDS) {
            throw tooManyWords(range);
        }
        List<LogicalLine.Body> heredocs = readHeredocs(joined, head, range);
        Origin origin = new Origin(
                new SourceRange(start, column, lines.number()),
                head.keyword(),
                joined,
                comments.take(),
                emptyContinuationLine);
        return new LogicalLine(origin, head, heredocs);
    }

    /** At least as many as an instruction can be split into: at blanks, and at commas if it is an array or a mount. */
    private static int countWords(String text) {
        int count = 1;
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) == ',' || Blanks.isBlank(text.charAt(i))) {
                count++;
            }
        }
        return count;
    }

    private static DockerfileException tooManyWords(SourceRange range) {
        return DockerfileException.at(range, "the Dockerfile has more than " + MOST_WORDS + " words", null);
    }

    /**
     * Appends a line without the escape character that continues it.
     *
     * @return whether it is continued: it ends with one escape character, blanks after it ignored; a doubled one is text
     */
    private boolean appendLine(String line, StringBuilder text) {
        int end = line.length();
        while (end > 0 && (line.charAt(end - 1) == ' ' || line.charAt(end - 1) == '\t')) {
            end--;
        }
        boolean continued = end > 0 && line.charAt(end - 1) == escape && (end == 1 || line.charAt(end - 2) != escape);
        text.append(continued ? line.substring(0, end - 1) : line);
        return continued;
    }

    private List<LogicalLine.Body> readHeredocs(String text, Head head, SourceRange range) {
        if (!text.contains("<<") || !canHoldHeredocs(head, range)) {
            return List.of();
        }
        List<LogicalLine.Body> heredocs = new ArrayList<>();
        for (HeredocWord word : HeredocWord.inLine(text)) {
            heredocs.add(new LogicalLine.Body(word, readBody(word, range)));
        }
        return heredocs;
    }

    private boolean canHoldHeredocs(Head head, SourceRange range) {
        Head instruction = head.name().equals("ONBUILD") ? Head.split(head.arguments(), escape) : head;
        try {
            return WITH_HEREDOCS.contains(instruction.name()) && JsonStrings.parse(instruction.arguments()) == null;
        } catch (InvalidValueException e) {
            throw e.at(range);
        }
    }

    private String readBody(HeredocWord word, SourceRange range) {
        int start = lines.position();
        while (lines.hasNext()) {
            int end = lines.position();
            String line = nextLine();
            int tabs = 0;
            while (word.stripsTabs() && tabs < line.length() && line.charAt(tabs) == '\t') {
                tabs++;
            }
            if (line.length() - tabs == word.name().length() && line.endsWith(word.name())) {
                return lines.between(start, end);
            }
        }
        throw DockerfileException.at(
                range,
                "the heredoc " + word.name() + " is not terminated",
                "end it with a line that is exactly " + word.name());
    }

    /** The next line without its line end. */
    private String nextLine() {
        String line = lines.next();
        boolean tooLong = line.length() > LONGEST_LINE_BYTES
                || (line.length() > LONGEST_LINE_BYTES / 3
                        && line.getBytes(StandardCharsets.UTF_8).length > LONGEST_LINE_BYTES);
        if (tooLong) {
            throw DockerfileException.atLine(
                    lines.number(), "the line is longer than " + LONGEST_LINE_BYTES + " bytes", null);
        }
        return line;
    }
}
