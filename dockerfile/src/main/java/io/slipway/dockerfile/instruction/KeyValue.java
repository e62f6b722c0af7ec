package io.slipway.dockerfile.instruction;

/** One pair of ENV or LABEL; both words may be quoted and may hold variables until they are expanded. */
public record KeyValue(String key, String value) {}
