package io.watchkeeper.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.function.ToIntFunction;

/** Ends work cleanly when the process is told to stop (Ctrl-C, SIGTERM), and still reports how the work ended. */
final class Interrupts {

    private static final long PATIENCE_SECONDS = 60;

    private Interrupts() {}

    /**
     * Does the work. When the process is told to stop meanwhile, asks the work to end, waits for it, and lets the process end
     * with the status the work had. If it does not end within a minute the process ends without it: locks and server sessions
     * go with the process.
     */
    static <T> T during(Runnable stop, Supplier<T> work, ToIntFunction<T> exitStatus) {
        CountDownLatch ended = new CountDownLatch(1);
        AtomicInteger status = new AtomicInteger(ExitStatus.FAILED);
        Thread hook = new Thread(
                () -> {
                    stop.run();
                    try {
                        if (!ended.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                            return;
                        }
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                    Runtime.getRuntime().halt(status.get());
                },
                "stop");
        Runtime.getRuntime().addShutdownHook(hook);
        try {
            T result = work.get();
            status.set(exitStatus.applyAsInt(result));
            return result;
        } finally {
            ended.countDown();
            removeHook(hook);
        }
    }

    private static void removeHook(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The process is stopping already: the hook has the last word.
            try {
                hook.join();
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
