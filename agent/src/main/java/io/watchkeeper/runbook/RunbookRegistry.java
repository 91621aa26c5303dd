package io.watchkeeper.runbook;

import io.watchkeeper.problem.Problem;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;

/** The runbooks in force on this host and what is wrong in the files. Swapped whole, so that a reader never sees half a reload. */
public final class RunbookRegistry {

    /**
     * @param runbooks by name.
     * @param problems of the files as they stand on disk, sorted
     */
    public record Contents(SortedMap<String, Runbook> runbooks, List<Problem> problems) {
        public Contents {
            runbooks = Collections.unmodifiableSortedMap(new TreeMap<>(runbooks));
            problems = problems.stream().sorted().toList();
        }
    }

    private final CopyOnWriteArrayList<BiConsumer<Contents, Contents>> listeners = new CopyOnWriteArrayList<>();
    private volatile Contents contents = new Contents(new TreeMap<>(), List.of());
    private volatile boolean filled;

    public Contents contents() {
        return contents;
    }

    /** Whether the runbooks were loaded once; an agent that starts is asked before that, too. */
    public boolean isFilled() {
        return filled;
    }

    public Optional<Runbook> find(String name) {
        return Optional.ofNullable(contents.runbooks().get(name));
    }

    /** Calls the listener with (before, after) on every swap, in the swapping thread. */
    public void onSwap(BiConsumer<Contents, Contents> listener) {
        listeners.add(listener);
    }

    public synchronized void swap(Contents next) {
        Contents before = contents;
        contents = next;
        filled = true;
        for (BiConsumer<Contents, Contents> listener : listeners) {
            listener.accept(before, next);
        }
    }
}
