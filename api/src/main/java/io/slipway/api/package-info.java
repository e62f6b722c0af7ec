/** The Spring Boot service: REST, the registry endpoint, launching workers. */
@NullMarked
package io.slipway.api;

import org.jspecify.annotations.NullMarked;
