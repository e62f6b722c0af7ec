package io.slipway.worker.collect;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What directory trees take of the disk: blocks, hard links once. Trees may be of any depth and have any names, so this is du(1)'s work. */
public final class DiskUsage {
    private DiskUsage() {}

    /** The bytes of each tree; one that is not there, or goes meanwhile, may be missing in the answer. */
    public static Map<Path, Long> of(List<Path> trees) throws IOException {
        Map<Path, Long> bytes = new HashMap<>();
        if (trees.isEmpty()) {
            return bytes;
        }
        Process du = new ProcessBuilder("du", "-s", "-x", "-0", "--block-size=1", "--files0-from=-")
                .redirectError(ProcessBuilder.Redirect.DISCARD) // of what went meanwhile
                .start();
        // In a thread of its own: du answers before it has read everything, and its pipe is of a limited size.
        Thread names = Thread.ofVirtual().start(() -> {
            try (OutputStream in = du.getOutputStream()) {
                for (Path tree : trees) {
                    in.write((tree + "\0").getBytes(UTF_8));
                }
            } catch (IOException e) {
                // It has ended, which its answer says.
            }
        });
        try (BufferedReader out = new BufferedReader(new InputStreamReader(du.getInputStream(), UTF_8))) {
            StringBuilder line = new StringBuilder();
            for (int c = out.read(); c >= 0; c = out.read()) {
                if (c != 0) {
                    line.append((char) c);
                    continue;
                }
                int tab = line.indexOf("\t");
                bytes.put(Path.of(line.substring(tab + 1)), Long.parseLong(line.substring(0, tab)));
                line.setLength(0);
            }
            names.join();
            du.waitFor();
            return bytes;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("measuring was interrupted", e);
        } finally {
            du.destroyForcibly();
        }
    }
}
