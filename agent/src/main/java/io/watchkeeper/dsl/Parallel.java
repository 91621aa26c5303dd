package io.watchkeeper.dsl;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;

/** Compiling is the slow part of loading: many files are compiled on several threads, a few are not worth a thread. */
final class Parallel {

    private static final int FEW = 4;
    private static final int MOST_THREADS = 4;

    private Parallel() {}

    /** The results in the order of the inputs. */
    static <A, B> List<B> map(Collection<A> inputs, Function<A, B> work) {
        int threads = Math.min(MOST_THREADS, Runtime.getRuntime().availableProcessors());
        if (inputs.size() <= FEW || threads == 1) {
            return inputs.stream().map(work).toList();
        }
        ExecutorService pool = Executors.newFixedThreadPool(threads, Parallel::thread);
        try {
            List<Future<B>> running = new ArrayList<>();
            inputs.forEach(input -> running.add(pool.submit(() -> work.apply(input))));
            List<B> results = new ArrayList<>();
            for (Future<B> one : running) {
                results.add(one.get());
            }
            return results;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("loading was interrupted", e);
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        } finally {
            pool.shutdownNow();
        }
    }

    private static Thread thread(Runnable work) {
        Thread thread = new Thread(work, "runbook-compiler");
        thread.setDaemon(true);
        return thread;
    }
}
