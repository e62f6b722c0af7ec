package io.slipway.worker.linux;

/** An open file descriptor, closed by whoever opened it. Thread-safe as far as the calls on it are. */
public final class Fd implements AutoCloseable {
    /** The directory that the process runs in (AT_FDCWD); closing it does nothing. */
    public static final Fd CURRENT_DIRECTORY = new Fd(Linux.currentDirectory());

    private volatile int number;

    Fd(int number) {
        this.number = number;
    }

    /** The descriptor's number. */
    public int number() {
        if (number == -1) {
            throw new IllegalStateException("descriptor is closed");
        }
        return number;
    }

    /** A path of this process to what the descriptor stands for (proc(5)). */
    public String procPath() {
        return "/proc/self/fd/" + number();
    }

    /** A path of this process to a name in the directory that the descriptor stands for. */
    public String procPath(String name) {
        return number() == Linux.currentDirectory() ? name : procPath() + "/" + name;
    }

    @Override
    public void close() {
        int open = number;
        if (open >= 0) {
            number = -1;
            Linux.close(open);
        }
    }
}
