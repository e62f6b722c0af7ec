package io.slipway.dockerfile.instruction;

import io.slipway.dockerfile.source.InvalidValueException;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * A file whose text stands in the Dockerfile (dockerfile.md §4).
 *
 * @param name the name without quotes: the line that ends the body, and what the file is called after
 * @param expands whether COPY and ADD expand variables of the body
 * @param body the text, its tabs stripped if it is written {@code <<-}; every line ends with its line end
 */
public record Heredoc(String name, boolean expands, String body) {

    /**
     * What the file is called: the name as a path of an empty root, where no directory is, as the reference makes the file.
     *
     * @throws InvalidValueException if it leads to no file there
     */
    public String fileName() {
        Deque<String> steps = new ArrayDeque<>();
        for (String step : name.split("/")) {
            if (step.equals("..")) {
                steps.pollLast();
            } else if (!step.isEmpty() && !step.equals(".")) {
                steps.add(step);
            }
        }
        if (steps.size() != 1) {
            throw new InvalidValueException(
                    "the heredoc " + name + " cannot be the name of a file", "write a name without slashes", name);
        }
        return steps.getFirst();
    }
}
