package io.slipway.dockerfile.expansion;

import java.util.List;
import java.util.NavigableSet;

/**
 * What a word became.
 *
 * @param text the word after expansion, as one text
 * @param words the same, split at the blanks that were neither quoted nor escaped; empty words are left out
 * @param set names of the variables that were asked for and had a value
 * @param unset names of the variables that were asked for and had none
 */
public record Expansion(String text, List<String> words, NavigableSet<String> set, NavigableSet<String> unset) {}
