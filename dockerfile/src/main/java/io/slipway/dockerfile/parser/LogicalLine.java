package io.slipway.dockerfile.parser;

import io.slipway.dockerfile.expansion.HeredocWord;
import io.slipway.dockerfile.instruction.Heredoc;
import io.slipway.dockerfile.instruction.Origin;
import java.util.List;
import java.util.regex.Pattern;

/**
 * One instruction as text.
 *
 * @param head the line, split
 * @param heredocs the heredocs that follow it, in order
 */
record LogicalLine(Origin origin, Head head, List<Body> heredocs) {

    private static final Pattern LEADING_TABS = Pattern.compile("(?m)^\\t+");

    /**
     * A heredoc's word and its lines as they are written.
     *
     * @param lines the lines with their line ends
     */
    record Body(HeredocWord word, String lines) {

        /** The heredoc, its tabs stripped if its word says so. */
        Heredoc heredoc() {
            String text = word.stripsTabs() ? LEADING_TABS.matcher(lines).replaceAll("") : lines;
            return new Heredoc(word.name(), word.expands(), text);
        }
    }
}
