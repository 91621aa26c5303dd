package io.watchkeeper.testing;

import java.io.IOException;
import java.net.Socket;
import java.util.Arrays;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;

/** One direction of one connection of a {@link FlakyLink}: one thread takes bytes in, another delivers them when they are due. */
final class FlakyWire {

    /** Enough for 600 ms of 20 MB/s. */
    private static final int BLOCKS_UNDER_WAY = 1_000;

    private static final int BLOCK = 16 << 10;

    /** Called for every block that is taken in. */
    interface Entrance {
        /** Waits for as long as sending takes. @return for how many nanoseconds the block is under way then */
        long send(int count) throws InterruptedException;
    }

    /** Called for every block that arrives. */
    interface Exit {
        /** Waits while nothing passes. @return whether it is delivered */
        boolean pass(int count) throws InterruptedException;
    }

    private static final class Block {
        private final byte[] bytes;
        private final long due;

        Block(byte[] bytes, long due) {
            this.bytes = bytes;
            this.due = due;
        }
    }

    private final Socket from;
    private final Socket to;
    private final Entrance entrance;
    private final Exit exit;
    private final Runnable reset;
    private final BlockingQueue<Block> underWay = new ArrayBlockingQueue<>(BLOCKS_UNDER_WAY);
    private volatile boolean over;

    FlakyWire(Socket from, Socket to, Entrance entrance, Exit exit, Runnable reset) {
        this.from = from;
        this.to = to;
        this.entrance = entrance;
        this.exit = exit;
        this.reset = reset;
    }

    void start() {
        start(this::takeIn);
        start(this::deliver);
    }

    private void takeIn() {
        byte[] buffer = new byte[BLOCK];
        try {
            // What waits while nothing passes stays with its sender, who then notices that nobody takes it.
            while (exit.pass(0)) {
                int read = from.getInputStream().read(buffer);
                if (read < 0) {
                    break;
                }
                long time = entrance.send(read);
                put(new Block(Arrays.copyOf(buffer, read), System.nanoTime() + time));
            }
            // An empty block is the end.
            put(new Block(new byte[0], System.nanoTime()));
        } catch (IOException e) {
            reset.run();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void put(Block block) throws InterruptedException {
        boolean taken = false;
        while (!taken && !over) {
            taken = underWay.offer(block, 100, TimeUnit.MILLISECONDS);
        }
    }

    private void deliver() {
        try {
            while (true) {
                Block block = underWay.take();
                TimeUnit.NANOSECONDS.sleep(Math.max(0, block.due - System.nanoTime()));
                boolean passes = exit.pass(block.bytes.length);
                if (block.bytes.length == 0) {
                    if (passes) {
                        to.close();
                    }
                    return;
                }
                if (passes) {
                    to.getOutputStream().write(block.bytes);
                }
            }
        } catch (IOException e) {
            reset.run();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            over = true;
        }
    }

    private static void start(Runnable action) {
        Thread thread = new Thread(action, "flaky link");
        thread.setDaemon(true);
        thread.start();
    }
}
