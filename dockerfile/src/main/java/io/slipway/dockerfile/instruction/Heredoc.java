package io.slipway.dockerfile.instruction;

/**
 * A file whose text stands in the Dockerfile (dockerfile.md §4).
 *
 * @param name the name without quotes: the line that ends the body, and the name of the file
 * @param expands whether COPY and ADD expand variables of the body
 * @param body the text, its tabs stripped if it is written {@code <<-}; every line ends with its line end
 */
public record Heredoc(String name, boolean expands, String body) {}
