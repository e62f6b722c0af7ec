package io.slipway.worker.cache;

import io.slipway.dockerfile.check.Rule;

/**
 * A warning that shows only while a step is done, and that is repeated whenever its result is taken from the cache.
 *
 * @param message one sentence
 */
public record Remark(Rule rule, String message) {}
