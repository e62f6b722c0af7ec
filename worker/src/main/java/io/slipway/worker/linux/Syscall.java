package io.slipway.worker.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/**
 * syscall(2). One down-call handle serves every system call: linking one per call would add several milliseconds each to a
 * worker's start. Thread-safe.
 */
final class Syscall {
    private static final StructLayout STATE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO = STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));
    private static final MethodHandle HANDLE = Linker.nativeLinker()
            .downcallHandle(
                    Linker.nativeLinker().defaultLookup().findOrThrow("syscall"),
                    FunctionDescriptor.of(
                            ValueLayout.JAVA_LONG,
                            ValueLayout.JAVA_LONG,
                            ValueLayout.JAVA_LONG,
                            ValueLayout.JAVA_LONG,
                            ValueLayout.JAVA_LONG,
                            ValueLayout.JAVA_LONG,
                            ValueLayout.JAVA_LONG,
                            ValueLayout.JAVA_LONG),
                    Linker.Option.captureCallState("errno"),
                    Linker.Option.firstVariadicArg(1));

    private Syscall() {}

    /**
     * Calls the kernel.
     *
     * @param arena where the error number may be put
     * @return the result, or minus the error number
     */
    static long call(Arena arena, CallNumber number, long a, long b, long c, long d, long e, long f) {
        MemorySegment state = arena.allocate(STATE);
        long result;
        try {
            result = (long) HANDLE.invokeExact(state, (long) number.value, a, b, c, d, e, f);
        } catch (Throwable t) {
            throw new IllegalStateException("syscall(2) cannot be called", t);
        }
        return result == -1 ? -(int) ERRNO.get(state, 0L) : result;
    }

    /** System call numbers: x86-64, and the generic table that arm64 and riscv64 use. */
    enum CallNumber {
        READ(0, 63),
        WRITE(1, 64),
        CLOSE(3, 57),
        IOCTL(16, 29),
        SOCKET(41, 198),
        LSEEK(8, 62),
        CHDIR(80, 49),
        FTRUNCATE(77, 46),
        GETDENTS64(217, 61),
        FCNTL(72, 25),
        FLOCK(73, 32),
        KILL(62, 129),
        LSETXATTR(189, 6),
        LGETXATTR(192, 9),
        LLISTXATTR(195, 12),
        MOUNT(165, 40),
        UMOUNT2(166, 39),
        UNSHARE(272, 97),
        MKDIRAT(258, 34),
        MKNODAT(259, 33),
        FCHOWNAT(260, 54),
        UNLINKAT(263, 35),
        LINKAT(265, 37),
        SYMLINKAT(266, 36),
        READLINKAT(267, 78),
        FCHMODAT(268, 53),
        UTIMENSAT(280, 88),
        RENAMEAT2(316, 276),
        STATX(332, 291),
        OPENAT2(437, 437);

        private final int value;

        CallNumber(int x86, int generic) {
            value = switch (System.getProperty("os.arch")) {
                case "amd64", "x86_64" -> x86;
                default -> generic;
            };
        }
    }
}
