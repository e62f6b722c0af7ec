package io.slipway.worker.build;

/** A step's layer and whether it came from the cache. */
record StepResult(StepLayer layer, boolean cached) {}
