package io.slipway.worker.copy;

import io.slipway.worker.copy.SourceTree.Node;

/**
 * What an address among the words of ADD led to.
 *
 * @param name its name in a destination directory; empty for a directory, whose content is copied
 * @param node the file, or the directory
 * @param tree where it is
 */
public record Fetched(String name, Node node, SourceTree tree) {}
