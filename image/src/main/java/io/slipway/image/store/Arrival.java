package io.slipway.image.store;

import java.io.InterruptedIOException;

/** How much of a blob has been written, for those who wait for more. Thread-safe. */
final class Arrival {
    private long bytes;
    private boolean ended;
    private boolean whole;

    synchronized void add(int more) {
        bytes += more;
        notifyAll();
    }

    /** Nothing more comes. Only the first call counts. */
    synchronized void end(boolean isWhole) {
        if (!ended) {
            ended = true;
            whole = isWhole;
            notifyAll();
        }
    }

    /**
     * Waits for bytes beyond {@code position}.
     *
     * @return how many there are; 0 at the end of the whole blob
     * @throws BrokenOffException if the rest will never come
     * @throws InterruptedIOException if the calling thread was interrupted, which it stays
     */
    synchronized long await(long position) throws BrokenOffException, InterruptedIOException {
        while (bytes <= position && !ended) {
            try {
                wait();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new InterruptedIOException("interrupted");
            }
        }
        if (ended && !whole) {
            throw new BrokenOffException();
        }
        return bytes - position;
    }
}
