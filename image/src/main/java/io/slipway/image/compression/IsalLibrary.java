package io.slipway.image.compression;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.ByteOrder;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Intel's ISA-L, {@code libisal.so.2} (Debian package libisal2), whose DEFLATE uses the processor's vector instructions.
 * Only what compresses is bound: data from outside is decompressed by the JDK's zlib.
 */
final class IsalLibrary {
    private static final String FILE = "libisal.so.2";
    /** Where {@code struct isal_zstream} is laid out as {@link IsalDeflater} expects it. */
    private static final Set<String> ARCHITECTURES = Set.of("amd64", "x86_64", "aarch64");

    private static final class Holder {
        static final @Nullable IsalLibrary FOUND = load();
    }

    private final MethodHandle deflateInit;
    private final MethodHandle deflate;

    private IsalLibrary(SymbolLookup symbols) {
        Linker linker = Linker.nativeLinker();
        deflateInit = linker.downcallHandle(
                symbols.findOrThrow("isal_deflate_init"), FunctionDescriptor.ofVoid(ValueLayout.ADDRESS));
        deflate = linker.downcallHandle(
                symbols.findOrThrow("isal_deflate"), FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS));
    }

    /** The library, or null if this machine doesn't have it. Loaded once. */
    static @Nullable IsalLibrary find() {
        return Holder.FOUND;
    }

    private static @Nullable IsalLibrary load() {
        if (!ARCHITECTURES.contains(System.getProperty("os.arch", ""))
                || ByteOrder.nativeOrder() != ByteOrder.LITTLE_ENDIAN) {
            return null;
        }
        SymbolLookup symbols;
        try {
            symbols = SymbolLookup.libraryLookup(FILE, Arena.global());
        } catch (IllegalArgumentException notInstalled) {
            return null;
        }
        return new IsalLibrary(symbols);
    }

    /** {@code void isal_deflate_init(struct isal_zstream *stream)} (igzip_lib.h). */
    void deflateInit(MemorySegment stream) {
        try {
            deflateInit.invokeExact(stream);
        } catch (Throwable e) {
            throw new IllegalStateException("a native function can't throw", e);
        }
    }

    /** {@code int isal_deflate(struct isal_zstream *stream)} (igzip_lib.h): 0, or a negative error. */
    int deflate(MemorySegment stream) {
        try {
            return (int) deflate.invokeExact(stream);
        } catch (Throwable e) {
            throw new IllegalStateException("a native function can't throw", e);
        }
    }
}
