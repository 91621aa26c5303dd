package io.watchkeeper.toolkit.verify;

import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.SessionPair;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.postgres.WorkCancelledException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Looks at rows that differed again, in new views, to tell rows in flight from real differences. In flight is a row that has become
 * equal, one that was written on the source between the last two looks, and one that is known to be on its way.
 */
final class Recheck {

    private static final int ROWS_AT_ONCE = 2_000;

    /** More than these are looked at once more, and not waited for. */
    private static final long WORTH_WAITING = 100_000;

    private static final long NAP_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private final SessionPair pair;
    private final PreparedVerification plan;
    private final InFlight knowledge;
    private final Replay replay;
    private long inFlight;

    Recheck(SessionPair pair, PreparedVerification plan, InFlight knowledge) throws SQLException {
        this.pair = pair;
        this.plan = plan;
        this.knowledge = knowledge;
        this.replay = new Replay(pair, plan);
    }

    /**
     * Looks as often as the plan says.
     *
     * @param differing which stays, for whoever must go on if this process dies
     * @param workingFile beside which another one is made
     * @return what is left; may be the same
     */
    DifferenceFile run(DifferenceFile differing, Path workingFile) throws SQLException {
        VerifyOptions options = plan.plan().options();
        DifferenceFile candidates = differing;
        for (int round = 0; round < options.rechecks() && candidates.lines() > 0; round++) {
            if (round > 0 && candidates.lines() > WORTH_WAITING) {
                break;
            }
            pause(round, options);
            boolean last = round == options.rechecks() - 1;
            DifferenceFile left =
                    DifferenceFile.begin(workingFile.resolveSibling(workingFile.getFileName() + "." + round));
            candidates.read(ROWS_AT_ONCE, batch -> look(batch, last, left));
            if (candidates != differing) {
                candidates.close();
            }
            candidates = left;
        }
        return candidates;
    }

    /** How many rows turned out to be on their way. */
    long inFlight() {
        return inFlight;
    }

    /** Short at first: most rows are there in a moment. The first look waits only for a server that follows the other. */
    private void pause(int round, VerifyOptions options) throws SQLException {
        int parts = options.rechecks() * (options.rechecks() + 1) / 2;
        Duration share = options.patience().multipliedBy(round + 1L).dividedBy(parts);
        long until = System.nanoTime() + share.toNanos();
        if (replay.follows()) {
            replay.await(share);
        }
        if (round == 0) {
            return;
        }
        for (long left = until - System.nanoTime(); left > 0; left = until - System.nanoTime()) {
            LockSupport.parkNanos(Math.min(left, NAP_NANOS));
            pair.source().work().throwIfCancelled();
            if (Thread.currentThread().isInterrupted()) {
                throw new WorkCancelledException("interrupted while rows that differ were looked at again");
            }
        }
    }

    private void look(List<Difference> batch, boolean last, DifferenceFile left) throws SQLException {
        batch.stream().filter(Difference::isUnfindable).forEach(left::add);
        List<Difference> findable =
                batch.stream().filter(d -> !d.isUnfindable()).toList();
        if (findable.isEmpty()) {
            return;
        }
        List<List<String>> keys = findable.stream().map(Difference::key).toList();
        Views.Both<Map<Integer, Seen>> both = Views.look(pair, plan, views -> {
            Map<TableName, String> onTheirWay = knowledge.writtenSince(
                    pair.source(),
                    pair.target(),
                    plan.plan().from(),
                    plan.plan().to(),
                    plan.here().relations());
            return Views.atOnce(
                    pair,
                    () -> read(pair.source(), plan.here().lookUp(keys, onTheirWay)),
                    () -> read(pair.target(), plan.there().lookUp(keys, Map.of())));
        });
        Map<Integer, Seen> here = both.here();
        Map<Integer, Seen> there = both.there();
        for (int i = 0; i < findable.size(); i++) {
            Difference was = findable.get(i);
            judge(was, here.getOrDefault(i + 1, Seen.NOTHING), there.getOrDefault(i + 1, Seen.NOTHING), last, left);
        }
    }

    private void judge(Difference was, Seen here, Seen there, boolean last, DifferenceFile left) {
        boolean equal = here.version.equals(there.version);
        boolean written = !here.version.toString().equals(was.source());
        if (equal || here.onItsWay || (written && last)) {
            inFlight += was.count();
        } else {
            left.add(Difference.between(
                    here.version, there.version, was.key(), plan.here().hasKey()));
        }
    }

    private record Seen(Version version, boolean onItsWay) {
        static final Seen NOTHING = new Seen(Version.NONE, false);
    }

    private static Map<Integer, Seen> read(Session session, String sql) throws SQLException {
        Map<Integer, Seen> seen = new HashMap<>();
        session.listVerbatim(
                sql,
                row -> seen.put(
                        row.getInt(1), new Seen(new Version(row.getLong(2), row.getBigDecimal(3)), row.getBoolean(4))));
        return seen;
    }
}
