package io.slipway.dockerfile.instruction;

/**
 * One instruction of a stage. Words are kept as they are written until {@code InstructionExpander} makes the same instruction with expanded
 * words of it.
 */
public sealed interface Instruction extends Statement
        permits Add,
                Arg,
                Cmd,
                Copy,
                Entrypoint,
                Env,
                Expose,
                Healthcheck,
                Label,
                Maintainer,
                Onbuild,
                Run,
                Shell,
                Stopsignal,
                User,
                Volume,
                Workdir {}
