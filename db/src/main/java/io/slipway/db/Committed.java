package io.slipway.db;

/** Something that has been written by a transaction, and that others are told of once that is committed: see {@link Transaction#announce}. */
public interface Committed {}
