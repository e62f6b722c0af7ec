package io.slipway.dockerfile.expansion;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The word that announces a heredoc: {@code <<NAME}, {@code <<-NAME}, {@code 3<<"NAME"} (dockerfile.md §4).
 *
 * @param name the name without its quotes: the line that ends the body
 * @param expands whether variables of the body are expanded; false if any part of the name is quoted
 * @param stripsTabs whether tabs at the start of lines are dropped ({@code <<-})
 */
public record HeredocWord(String name, boolean expands, boolean stripsTabs) {

    private static final Pattern WORD = Pattern.compile("(\\d*)<<(-?)\\s*([^<]*)");
    private static final ShellReader.Style PLAIN = new ShellReader.Style('\\', ShellReader.Quotes.REMOVED, false, true);
    private static final ShellReader.Style RAW = new ShellReader.Style('\\', ShellReader.Quotes.KEPT, true, true);

    /** The heredocs that a line announces, in order. A line whose quotes do not pair announces none. */
    public static List<HeredocWord> inLine(String line) {
        if (!line.contains("<<")) {
            return List.of();
        }
        List<HeredocWord> heredocs = new ArrayList<>();
        for (String word : words(line, RAW)) {
            HeredocWord heredoc = parse(word);
            if (heredoc != null) {
                heredocs.add(heredoc);
            }
        }
        return heredocs;
    }

    /** The heredoc that {@code word} announces, or null if it is any other word. */
    @Nullable
    public static HeredocWord parse(String word) {
        Matcher matcher = WORD.matcher(word);
        if (!matcher.matches() || matcher.group(3).isEmpty()) {
            return null;
        }
        List<String> plain = words(matcher.group(3), PLAIN);
        List<String> raw = words(matcher.group(3), RAW);
        if (plain.size() != 1 || raw.size() != 1) {
            return null;
        }
        String name = plain.getFirst();
        return new HeredocWord(
                name, name.equals(raw.getFirst()), !matcher.group(2).isEmpty());
    }

    private static List<String> words(String text, ShellReader.Style style) {
        try {
            return new ShellReader(text, style, name -> null, new Allowance())
                    .read()
                    .words();
        } catch (ExpansionException e) {
            // Shell syntax that this reader does not know: the line is the shell's, and holds no heredoc that we could
            // read.
            return List.of();
        }
    }
}
