/** The Dockerfile language: lexer, parser, expansion, ignore patterns, checks. Pure; no I/O. */
@NullMarked
package io.slipway.dockerfile;

import org.jspecify.annotations.NullMarked;
