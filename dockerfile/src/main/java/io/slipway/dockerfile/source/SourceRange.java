package io.slipway.dockerfile.source;

/**
 * Where an instruction stands in its Dockerfile.
 *
 * @param line the line that it starts on, from 1
 * @param column the column that its keyword starts at, in UTF-16 units from 1
 * @param endLine its last line, from 1: the end of its continuation lines and heredocs
 */
public record SourceRange(int line, int column, int endLine) {

    public SourceRange {
        if (line < 1 || column < 1 || endLine < line) {
            throw new IllegalArgumentException("not a range of lines: " + line + ":" + column + "-" + endLine);
        }
    }
}
