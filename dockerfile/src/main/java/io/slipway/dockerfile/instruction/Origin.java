package io.slipway.dockerfile.instruction;

import io.slipway.dockerfile.source.SourceRange;
import java.util.List;
import java.util.Locale;

/**
 * Where an instruction comes from.
 *
 * @param range its lines; for a trigger of ONBUILD, those of the FROM that fires it
 * @param keyword its keyword as it is written
 * @param text the instruction as it is written, its continuation lines joined to one; the bodies of heredocs are not part of it
 * @param comments the comment lines directly above, without {@code #} and blanks around
 * @param emptyContinuationLine the line where a continuation ends that holds empty lines, from 1; 0 if there is none
 */
public record Origin(SourceRange range, String keyword, String text, List<String> comments, int emptyContinuationLine) {

    public Origin {
        comments = comments instanceof Comments ? comments : List.copyOf(comments);
    }

    /** The keyword in capitals. */
    public String name() {
        return keyword.toUpperCase(Locale.ROOT);
    }
}
