package io.watchkeeper.toolkit.migrate;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.LockLevel;
import io.watchkeeper.postgres.PlannedAction;
import io.watchkeeper.postgres.Progress;
import io.watchkeeper.postgres.ReplicationProbe;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Fills a column in bounded batches along the primary key, each a transaction of its own, so that nobody waits for long and replicas keep up.
 * What was written is not written again: whoever was interrupted begins anew, and finds only the rest.
 */
public final class Backfill {

    private static final Duration LOCK_TIMEOUT = Duration.ofSeconds(1);
    private static final int ATTEMPTS = 20;
    private static final int PASSES = 3;
    private static final Duration LAG_PAUSE = Duration.ofSeconds(1);
    private static final Set<String> IN_THE_WAY = Set.of("55P03", "40P01", "40001");

    private final Database database;
    private final Work work;
    private final Waiting waiting;

    public Backfill(Database database, Work work) {
        this(database, work, Waiting.REAL);
    }

    Backfill(Database database, Work work, Waiting waiting) {
        this.database = database;
        this.work = work;
        this.waiting = waiting;
    }

    /** @param type as PostgreSQL writes it */
    private record KeyColumn(String name, String type) {}

    /** @param rows estimated; -1 when unknown @param width bytes of one row, roughly */
    private record Size(long rows, long width) {}

    /** @param last the key of the last row, as text; null when there was none */
    private record Batch(
            long written, long picked, @Nullable List<String> last) {}

    /** What would be done. Changes nothing. */
    public List<PlannedAction> describe(BackfillPlan plan) throws SQLException {
        try (Session session = database.open(work)) {
            return List.of(new PlannedAction(
                    database.name(),
                    batchSql(plan, key(session, plan), null),
                    LockLevel.ROW_EXCLUSIVE,
                    -1,
                    -1,
                    "again and again along the key, " + plan.batch() + " rows at a time"));
        }
    }

    /** @throws OperatorException when the table has no primary key, or rows are left that the condition is true of */
    public BackfillResult run(BackfillPlan plan) throws SQLException {
        long start = System.nanoTime();
        String subject = plan.table().toString();
        long written = 0;
        int batches = 0;
        try (Session session = database.open(work)) {
            session.lockTimeout(LOCK_TIMEOUT);
            List<KeyColumn> key = key(session, plan);
            Size size = size(session, plan);
            for (int pass = 1; isLeft(session, plan); pass++) {
                if (pass > PASSES) {
                    throw new OperatorException(
                            "rows of " + subject + " still match: " + plan.where(),
                            "programs go on to write such rows: deploy those that fill the column themselves, and run this again.");
                }
                Batch batch = new Batch(0, plan.batch(), null);
                while (batch.picked() == plan.batch()) {
                    waitForReplicas(session, plan);
                    long began = waiting.nanoTime();
                    batch = write(session, batchSql(plan, key, batch.last()));
                    written += batch.written();
                    batches += batch.picked() > 0 ? 1 : 0;
                    requireEffect(session, plan, key, batch, batches);
                    work.progress(new Progress(subject, "backfill", written, size.rows(), -1));
                    pause(plan, batch, size, began);
                }
            }
        } finally {
            work.progress(Progress.finished(subject));
        }
        return new BackfillResult(
                database.name(), subject, written, batches, Duration.ofNanos(System.nanoTime() - start));
    }

    private static List<KeyColumn> key(Session session, BackfillPlan plan) throws SQLException {
        List<KeyColumn> key = session.list(
                """
                select a.attname, format_type(a.atttypid, a.atttypmod)
                  from pg_index i
                  join pg_class c on c.oid = i.indrelid join pg_namespace n on n.oid = c.relnamespace
                  join unnest(i.indkey) with ordinality k (attnum, place) on true
                  join pg_attribute a on a.attrelid = c.oid and a.attnum = k.attnum
                 where i.indisprimary and n.nspname = ? and c.relname = ? order by k.place""",
                row -> new KeyColumn(row.getString(1), row.getString(2)),
                plan.table().schema(),
                plan.table().name());
        if (key.isEmpty()) {
            throw new OperatorException(
                    "there is no table " + plan.table() + " with a primary key in database '"
                            + session.database().name() + "'",
                    "batches go along the primary key; of a small table without one: execute('"
                            + session.database().name() + "', 'update …').");
        }
        return key;
    }

    private static Size size(Session session, BackfillPlan plan) throws SQLException {
        return session.one(
                """
                select c.reltuples::bigint, case when c.reltuples > 0 and c.relpages > 0
                         then greatest(1, (c.relpages * 8192.0 / c.reltuples)::bigint) else 100 end
                  from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = ? and c.relname = ?""",
                row -> new Size(row.getLong(1), row.getLong(2)),
                plan.table().schema(),
                plan.table().name());
    }

    private static boolean isLeft(Session session, BackfillPlan plan) throws SQLException {
        return session.oneVerbatim(
                "select exists (select from " + plan.table().quoted() + " where (" + plan.where() + "\n))",
                row -> row.getBoolean(1));
    }

    /** The names that the batch gives the key's columns are its own: the operator's expression may name those of the table. */
    private static String batchSql(BackfillPlan plan, List<KeyColumn> key, @Nullable List<String> after) {
        String columns = Identifiers.quoteAll(key.stream().map(KeyColumn::name).toList());
        String picked = IntStream.range(0, key.size())
                .mapToObj(i -> Identifiers.quote(key.get(i).name()) + " as watchkeeper_key_" + i)
                .collect(Collectors.joining(", "));
        String same = IntStream.range(0, key.size())
                .mapToObj(i -> "target." + Identifiers.quote(key.get(i).name()) + " = watchkeeper_key_" + i)
                .collect(Collectors.joining(" and "));
        String last = IntStream.range(0, key.size())
                .mapToObj(i -> "watchkeeper_key_" + i + "::text")
                .collect(Collectors.joining(", "));
        String backwards = IntStream.range(0, key.size())
                .mapToObj(i -> "watchkeeper_key_" + i + " desc")
                .collect(Collectors.joining(", "));
        return """
                with picked as (select %s from %s where (%s
                ) and %s order by %s limit %d for no key update),
                written as (update %s as target set %s
                from picked where %s returning 1)
                select (select count(*) from written), (select count(*) from picked),
                       (select array[%s] from picked order by %s limit 1)""".formatted(
                        picked,
                        plan.table().quoted(),
                        plan.where(),
                        after == null ? "true" : "(" + columns + ") > (" + literals(key, after) + ")",
                        columns,
                        plan.batch(),
                        plan.table().quoted(),
                        plan.set(),
                        same,
                        last,
                        backwards);
    }

    private static String literals(List<KeyColumn> key, List<String> values) {
        return IntStream.range(0, key.size())
                .mapToObj(i -> Identifiers.quoteLiteral(values.get(i)) + "::"
                        + key.get(i).type())
                .collect(Collectors.joining(", "));
    }

    private Batch write(Session session, String sql) throws SQLException {
        for (int attempt = 1; ; attempt++) {
            try {
                return session.oneVerbatim(
                        sql, row -> new Batch(row.getLong(1), row.getLong(2), texts(row.getArray(3))));
            } catch (SQLException e) {
                if (!IN_THE_WAY.contains(String.valueOf(e.getSQLState())) || attempt >= ATTEMPTS) {
                    throw e;
                }
                sleep(Duration.ofMillis(100L * attempt));
            }
        }
    }

    private static @Nullable List<String> texts(java.sql.@Nullable Array array) throws SQLException {
        if (array == null) {
            return null;
        }
        List<String> texts = new ArrayList<>();
        for (Object value : (Object[]) array.getArray()) {
            texts.add(String.valueOf(value));
        }
        return texts;
    }

    /** Else every pass would write all rows again, to no end. */
    private static void requireEffect(Session session, BackfillPlan plan, List<KeyColumn> key, Batch batch, int batches)
            throws SQLException {
        List<String> last = batch.last();
        if (batches != 1 || last == null || batch.written() == 0) {
            return;
        }
        String columns = Identifiers.quoteAll(key.stream().map(KeyColumn::name).toList());
        long still = session.oneVerbatim(
                "select count(*) from " + plan.table().quoted() + " where (" + plan.where() + "\n) and (" + columns
                        + ") <= (" + literals(key, last) + ")",
                row -> row.getLong(1));
        if (still >= batch.written()) {
            throw new OperatorException(
                    "rows of " + plan.table() + " that were written still match: " + plan.where(),
                    "write a condition that 'set' makes untrue: set 'region = …'; where 'region is null'.");
        }
    }

    private void waitForReplicas(Session session, BackfillPlan plan) throws SQLException {
        while (ReplicationProbe.maxLagBytes(session) > plan.maxLag().count()) {
            sleep(LAG_PAUSE);
        }
    }

    /** Until as much time has passed since the batch began as its rows take at the rate, and at least the pause. */
    private void pause(BackfillPlan plan, Batch batch, Size size, long began) {
        long rate = plan.rateLimit() == null ? Long.MAX_VALUE : plan.rateLimit().count();
        rate = Math.max(1, Math.min(rate, work.sharedRate().orElse(Long.MAX_VALUE)));
        double seconds = (double) batch.written() * size.width() / rate;
        Duration left = Duration.ofNanos(began + (long) (seconds * 1e9) - waiting.nanoTime());
        sleep(left.compareTo(plan.pause()) > 0 ? left : plan.pause());
    }

    private void sleep(Duration time) {
        work.throwIfCancelled();
        long end = waiting.nanoTime() + time.toNanos();
        for (long left = time.toNanos(); left > 0; left = end - waiting.nanoTime()) {
            waiting.pass(Duration.ofNanos(Math.min(left, LAG_PAUSE.toNanos())));
            work.throwIfCancelled();
        }
    }
}
