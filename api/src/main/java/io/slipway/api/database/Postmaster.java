package io.slipway.api.database;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A running PostgreSQL server, as its {@code postmaster.pid} tells (PostgreSQL documentation, "Database File Layout": the lines
 * are process id, data directory, start time, port, …).
 */
record Postmaster(ProcessHandle process, int port) {
    private static final int PID_LINE = 0;
    private static final int PORT_LINE = 3;

    /** The server that runs on {@code data}, if any. A file that a dead server left is not taken for one. */
    static Optional<Postmaster> running(Path data) throws IOException {
        List<String> lines;
        try {
            lines = Files.readAllLines(data.resolve("postmaster.pid"));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
        if (lines.size() <= PORT_LINE) {
            return Optional.empty();
        }
        long pid = Long.parseLong(lines.get(PID_LINE).strip());
        int port = Integer.parseInt(lines.get(PORT_LINE).strip());
        return ProcessHandle.of(pid)
                .filter(ProcessHandle::isAlive)
                .filter(process -> serves(process, data))
                .map(process -> new Postmaster(process, port));
    }

    /** The id may have been given to another program since: the command line must name the data directory. */
    private static boolean serves(ProcessHandle process, Path data) {
        try {
            return Files.readString(Path.of("/proc", Long.toString(process.pid()), "cmdline"))
                    .contains(data.toString());
        } catch (IOException e) {
            return false; // it has just ended
        }
    }
}
