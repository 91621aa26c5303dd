package io.watchkeeper.toolkit.copy;

import io.watchkeeper.postgres.CopyReader;
import io.watchkeeper.postgres.WorkCancelledException;
import java.sql.SQLException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * Reads rows in a thread of its own while those before them are written, so that neither server waits for the other's answer. A
 * few blocks are all that is ever held.
 */
final class ReadAhead implements AutoCloseable {

    private static final int BLOCKS = 4;
    private static final int BLOCK = 256 * 1024;

    /** Some of the rows. A length of -1 says that there are no more, or why there are none. */
    static final class Block {
        private final byte[] bytes;
        private final int length;
        private final long rows;
        private final @Nullable Throwable failure;

        private Block(byte[] bytes, int length, long rows, @Nullable Throwable failure) {
            this.bytes = bytes;
            this.length = length;
            this.rows = rows;
            this.failure = failure;
        }

        byte[] bytes() {
            return bytes;
        }

        int length() {
            return length;
        }

        /** Read up to the end of this block. */
        long rows() {
            return rows;
        }

        boolean isLast() {
            return length < 0;
        }
    }

    private final CopyReader from;
    private final BlockingQueue<byte[]> free = new ArrayBlockingQueue<>(BLOCKS);
    private final BlockingQueue<Block> full = new ArrayBlockingQueue<>(BLOCKS);
    private final Thread reader;
    private volatile boolean unwanted;
    /** The reader has nothing more to do: a request to cancel would meet the session's next statement. */
    private boolean ended;

    ReadAhead(CopyReader from) {
        this.from = from;
        for (int i = 0; i < BLOCKS; i++) {
            free.add(new byte[BLOCK]);
        }
        this.reader = new Thread(this::readAll, "watchkeeper-read");
        reader.setDaemon(true);
        reader.start();
    }

    private void readAll() {
        byte[] none = new byte[0];
        Block last = new Block(none, -1, 0, null);
        try {
            while (!unwanted) {
                byte[] block = free.take();
                int length = unwanted ? -1 : from.read(block);
                if (length < 0) {
                    last = new Block(none, -1, from.rows(), null);
                    break;
                }
                full.put(new Block(block, length, from.rows(), null));
            }
        } catch (SQLException | RuntimeException e) {
            last = new Block(none, -1, 0, e);
        } catch (InterruptedException e) {
            return; // only close() interrupts, and it wants nothing more
        }
        try {
            // The queue may be full, and this one must not be lost.
            full.put(last);
        } catch (InterruptedException e) {
            // As above.
        }
    }

    /**
     * The next block, which goes back by {@link #giveBack}.
     *
     * @throws SQLException the reader's failure
     */
    Block next() throws SQLException {
        Block block;
        try {
            block = full.take();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new WorkCancelledException("interrupted while rows were copied");
        }
        ended = block.isLast();
        if (block.failure instanceof SQLException e) {
            throw e;
        }
        if (block.failure instanceof RuntimeException e) {
            throw e;
        }
        return block;
    }

    void giveBack(Block block) {
        free.add(block.bytes);
    }

    /** Ends the reader, whose connection is its own until then. */
    @Override
    public void close() {
        unwanted = true;
        boolean interrupted = false;
        while (reader.isAlive()) {
            if (!ended) {
                from.interrupt();
                reader.interrupt();
            }
            try {
                reader.join(500);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
