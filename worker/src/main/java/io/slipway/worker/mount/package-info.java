/** What RUN steps mount beside the image: directories that outlive builds, and the places where things are mounted. */
@NullMarked
package io.slipway.worker.mount;

import org.jspecify.annotations.NullMarked;
