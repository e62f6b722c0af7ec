package io.slipway.dockerfile.parser;

import io.slipway.dockerfile.expansion.HeredocWord;
import io.slipway.dockerfile.instruction.Origin;
import io.slipway.dockerfile.source.Blanks;
import io.slipway.dockerfile.source.DockerfileException;
import io.slipway.dockerfile.source.InvalidValueException;
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

    private final List<String> lines;
    private final char escape;
    private int next;
    private List<String> comments = new ArrayList<>();

    /**
     * @param lines the lines of the file with their line ends, without a byte order mark
     * @param directives how many of them are parser directives
     */
    LineReader(List<String> lines, int directives, char escape) {
        this.lines = lines;
        this.next = directives;
        this.escape = escape;
    }

    /** Splits text into lines that keep their line ends. */
    static List<String> lines(String text) {
        List<String> lines = new ArrayList<>();
        int start = 0;
        while (start < text.length()) {
            int newline = text.indexOf('\n', start);
            int end = newline < 0 ? text.length() : newline + 1;
            lines.add(text.substring(start, end));
            start = end;
        }
        return lines;
    }

    static String withoutLineEnd(String line) {
        int end = line.length();
        while (end > 0 && (line.charAt(end - 1) == '\n' || line.charAt(end - 1) == '\r')) {
            end--;
        }
        return line.substring(0, end);
    }

    /**
     * Reads all instructions, adding each to {@code instructions} as soon as it is complete.
     *
     * @throws DockerfileException if a line is too long, or a heredoc does not end
     */
    void read(List<LogicalLine> instructions) {
        while (next < lines.size()) {
            String line = nextLine();
            String text = Blanks.trimStart(line);
            String comment = text.startsWith("#") ? Blanks.trim(text.substring(1)) : "";
            if (!comment.isEmpty()) {
                comments.add(comment);
            } else if (text.isEmpty() || text.startsWith("#")) {
                comments = new ArrayList<>();
            } else {
                if (instructions.size() == MOST_INSTRUCTIONS) {
                    throw DockerfileException.atLine(
                            next, "the Dockerfile has more than " + MOST_INSTRUCTIONS + " instructions", null);
                }
                instructions.add(readInstruction(text, line.length() - text.length() + 1));
            }
        }
    }

    private LogicalLine readInstruction(String firstLine, int column) {
        int start = next;
        StringBuilder text = new StringBuilder();
        boolean emptyLines = false;
        boolean continued = appendLine(firstLine, text);
        while (continued && next < lines.size()) {
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
        int emptyContinuationLine = emptyLines ? next : 0;
        String joined = Blanks.trim(text.toString());
        Head head = Head.split(joined, escape);
        SourceRange range = new SourceRange(start, column, next);
        List<LogicalLine.Body> heredocs = readHeredocs(joined, head, range);
        List<String> above = comments;
        comments = new ArrayList<>();
        Origin origin =
                new Origin(new SourceRange(start, column, next), head.keyword(), joined, above, emptyContinuationLine);
        return new LogicalLine(origin, head, heredocs);
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
        StringBuilder body = new StringBuilder();
        while (next < lines.size()) {
            String line = lines.get(next);
            nextLine();
            String end = withoutLineEnd(line);
            int tabs = 0;
            while (word.stripsTabs() && tabs < end.length() && end.charAt(tabs) == '\t') {
                tabs++;
            }
            if (end.substring(tabs).equals(word.name())) {
                return body.toString();
            }
            body.append(line);
        }
        throw DockerfileException.at(
                range,
                "the heredoc " + word.name() + " is not terminated",
                "end it with a line that is exactly " + word.name());
    }

    /** The next line without its line end. */
    private String nextLine() {
        String line = withoutLineEnd(lines.get(next++));
        boolean tooLong = line.length() > LONGEST_LINE_BYTES
                || (line.length() > LONGEST_LINE_BYTES / 3
                        && line.getBytes(StandardCharsets.UTF_8).length > LONGEST_LINE_BYTES);
        if (tooLong) {
            throw DockerfileException.atLine(next, "the line is longer than " + LONGEST_LINE_BYTES + " bytes", null);
        }
        return line;
    }
}
