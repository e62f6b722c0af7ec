package io.slipway.worker.build;

import io.slipway.image.Digest;

/**
 * A cache mount that a build used.
 *
 * @param name names it beyond projects and machines
 * @param key names its directory on this machine
 * @param id as the Dockerfile has it
 */
record UsedMount(Digest name, Digest key, String id) {}
