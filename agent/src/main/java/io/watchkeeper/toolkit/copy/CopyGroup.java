package io.watchkeeper.toolkit.copy;

import io.watchkeeper.postgres.TableFailure;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.postgres.TableShape;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.postgres.WorkCancelledException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Tables that foreign keys tie together, and how far each of them is. Several threads may copy them at once: a table begins when
 * those it refers to have begun, and ends when they have ended, so that every check sees what it would see one by one.
 */
final class CopyGroup {

    private static final long LOOK_AGAIN_MS = 100;

    private enum State {
        WAITING,
        RUNNING,
        DONE
    }

    private final List<PreparedCopy> tables;
    private final Map<TableName, State> states = new LinkedHashMap<>();
    private final Map<TableName, CopyResult> results = new LinkedHashMap<>();
    private final Map<TableName, Exception> failed = new LinkedHashMap<>();
    private final List<TableFailure> dangling = new ArrayList<>();
    private boolean shareable;
    private boolean entered;
    private boolean reported;
    private @Nullable String snapshot;

    /**
     * @param tables referenced ones first
     * @param shareable whether several sessions of the source may see the same snapshot
     */
    CopyGroup(List<PreparedCopy> tables, boolean shareable) {
        this.tables = List.copyOf(tables);
        this.shareable = shareable && tables.size() > 1 && !isOneTransaction();
        tables.forEach(copy -> states.put(copy.source().name(), State.WAITING));
    }

    List<PreparedCopy> tables() {
        return tables;
    }

    /** Whether only one transaction can replace all of the tables, because foreign keys cannot be kept silent, or point to it. */
    boolean isOneTransaction() {
        return !tables.get(0).silent() || tables.get(0).isSwap();
    }

    /** Of the tables that nobody has begun. */
    synchronized long waitingBytes() {
        return waiting().stream().mapToLong(CopyGroup::bytes).sum();
    }

    /** How many threads could work on it. */
    int width() {
        return shareable ? tables.size() : 1;
    }

    /** Whether another thread finds work here. */
    synchronized boolean isOpen() {
        return !waiting().isEmpty() && (!entered || shareable);
    }

    synchronized boolean isEntered() {
        return entered;
    }

    synchronized void enter() {
        entered = true;
    }

    synchronized boolean hasWaiting() {
        return !waiting().isEmpty();
    }

    /** Tables that nobody has begun. */
    synchronized List<PreparedCopy> waiting() {
        return tables.stream().filter(copy -> is(copy, State.WAITING)).toList();
    }

    /** From now on, whoever is in it is alone: its tables cannot be seen in one snapshot. */
    synchronized void split() {
        shareable = false;
    }

    /** The snapshot others can join; null when there is none. */
    synchronized @Nullable String snapshot() {
        return snapshot;
    }

    synchronized boolean isShareable() {
        return shareable;
    }

    synchronized void share(String exported) {
        snapshot = exported;
    }

    synchronized void unshare(@Nullable String exported) {
        if (exported != null && exported.equals(snapshot)) {
            snapshot = null;
        }
    }

    /** The largest table that can begin, which counts as begun; null when all have. */
    synchronized @Nullable PreparedCopy take() {
        PreparedCopy best = null;
        for (PreparedCopy copy : waiting()) {
            boolean canBegin = earlier(copy).stream().noneMatch(other -> is(other, State.WAITING));
            if (canBegin && (best == null || isBetter(copy, best))) {
                best = copy;
            }
        }
        if (best != null) {
            states.put(best.source().name(), State.RUNNING);
        }
        return best;
    }

    /** One that need not wait for others at its end comes first, whatever its size: waiting, it would keep its table locked. */
    private boolean isBetter(PreparedCopy copy, PreparedCopy best) {
        boolean ready = canEnd(copy);
        boolean bestReady = canEnd(best);
        return ready == bestReady ? bytes(copy) > bytes(best) : ready;
    }

    static long bytes(PreparedCopy copy) {
        return Math.max(0, copy.source().estimatedBytes());
    }

    synchronized void succeeded(PreparedCopy copy, CopyResult result) {
        results.put(copy.source().name(), result);
        done(copy);
    }

    /** The same table's result with what was added to it later. */
    synchronized void amend(PreparedCopy copy, CopyResult result) {
        results.put(copy.source().name(), result);
    }

    synchronized void failed(PreparedCopy copy, Exception cause) {
        failed.put(copy.source().name(), cause);
        done(copy);
    }

    private void done(PreparedCopy copy) {
        states.put(copy.source().name(), State.DONE);
        notifyAll();
    }

    /** When the table's transaction may end. */
    TargetTurn turn(PreparedCopy copy, Work work) {
        Set<TableName> later = new LinkedHashSet<>();
        tables.subList(tables.indexOf(copy) + 1, tables.size())
                .forEach(other -> later.add(other.target().name()));
        return new TargetTurn() {
            @Override
            public boolean hasCome() {
                synchronized (CopyGroup.this) {
                    return canEnd(copy);
                }
            }

            @Override
            public void await() {
                awaitEnd(copy, work);
            }

            @Override
            public Set<TableName> later() {
                return later;
            }
        };
    }

    private synchronized void awaitEnd(PreparedCopy copy, Work work) {
        while (!canEnd(copy)) {
            work.throwIfCancelled();
            try {
                wait(LOOK_AGAIN_MS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new WorkCancelledException("interrupted while waiting for the tables "
                        + copy.source().name() + " refers to");
            }
        }
    }

    private boolean canEnd(PreparedCopy copy) {
        return earlier(copy).stream().allMatch(other -> is(other, State.DONE));
    }

    private boolean is(PreparedCopy copy, State state) {
        return states.get(copy.source().name()) == state;
    }

    /** The tables that foreign keys tie to this one directly, and that come before it. */
    private List<PreparedCopy> earlier(PreparedCopy copy) {
        Set<TableName> tied = new LinkedHashSet<>();
        copy.target().foreignKeys().stream().map(TableShape.ForeignKey::to).forEach(tied::add);
        copy.target().referencedBy().stream().map(TableShape.ForeignKey::from).forEach(tied::add);
        Predicate<PreparedCopy> isTied = other -> tied.contains(other.target().name());
        return tables.subList(0, tables.indexOf(copy)).stream().filter(isTied).toList();
    }

    /**
     * True once, when all tables have ended and some of them failed: those were counted on when the ones they are tied to were
     * replaced.
     */
    synchronized boolean claimReport() {
        boolean ended = tables.stream().allMatch(copy -> is(copy, State.DONE));
        boolean claimed = ended && !reported && !failed.isEmpty() && !results.isEmpty();
        reported |= claimed;
        return claimed;
    }

    synchronized Set<TableName> failedTables() {
        return new LinkedHashSet<>(failed.keySet());
    }

    synchronized void addDangling(TableFailure failure) {
        dangling.add(failure);
    }

    /** In the order of the tables. */
    synchronized List<CopyResult> results() {
        List<CopyResult> ordered = new ArrayList<>();
        for (PreparedCopy copy : tables) {
            CopyResult result = results.get(copy.source().name());
            if (result != null) {
                ordered.add(result);
            }
        }
        return ordered;
    }

    /** In the order of the tables; afterwards what they left behind in others. */
    synchronized List<TableFailure> failures() {
        List<TableFailure> ordered = new ArrayList<>();
        for (PreparedCopy copy : tables) {
            Exception cause = failed.get(copy.source().name());
            if (cause != null) {
                ordered.add(new TableFailure(copy.source().name(), cause));
            }
        }
        ordered.addAll(dangling);
        return ordered;
    }
}
