/** Tests of lines, directives and grammar. */
@NullMarked
package io.slipway.dockerfile.parser;

import org.jspecify.annotations.NullMarked;
