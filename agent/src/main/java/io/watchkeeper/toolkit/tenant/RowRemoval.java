package io.watchkeeper.toolkit.tenant;

import io.watchkeeper.postgres.Progress;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.problem.OperatorException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Removes a tenant's rows from shared tables in bounded batches, and none that was written after the rows were looked at. */
record RowRemoval(Session session, TenantPace pace, Strangers strangers, String subject) {

    private static final Duration POLL = Duration.ofMillis(100);

    /** How long transactions that were there before are waited for. */
    static final Duration PATIENCE = Duration.ofMinutes(1);

    /** Transactions further away than this cannot be told apart from those of another time. */
    private static final long FAR = 1_000_000_000;

    /** The number of a transaction that begins now. */
    static String mark(Session session) throws SQLException {
        return session.oneVerbatim("select pg_current_xact_id()::text", row -> row.getString(1));
    }

    /**
     * Waits until nobody writes any more who began before the mark: what such a transaction has written would else count as younger than
     * the look at the rows that follows.
     *
     * @throws OperatorException when one goes on for longer than a minute
     */
    static void waitForOlder(TenantPace pace, String mark) throws SQLException {
        Session session = pace.session();
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!session.one(
                "select pg_snapshot_xmin(pg_current_snapshot()) > ?::xid8", row -> row.getBoolean(1), mark)) {
            if (System.nanoTime() > end) {
                throw new OperatorException(
                        "a transaction that has written something is open for longer than a minute, so that nobody knows which rows are old",
                        "run the same again when it is done: SELECT pid, xact_start, query FROM pg_stat_activity WHERE backend_xid IS"
                                + " NOT NULL ORDER BY xact_start; shows it.");
            }
            pace.sleep(POLL);
        }
    }

    /** What {@link #remove} takes as old: all that was there when nobody older was writing. */
    static String oldest(Session session) throws SQLException {
        return session.oneVerbatim("select pg_snapshot_xmin(pg_current_snapshot())::text", row -> row.getString(1));
    }

    /**
     * Removes.
     *
     * @param tables children first
     * @param before rows of this transaction and later ones stay; null for none to stay
     * @return how many rows
     * @throws OperatorException when a stranger's row refers to one of them
     */
    long remove(List<TenantTable> tables, @Nullable String before) throws SQLException {
        requireComparable(before);
        long removed = 0;
        for (TenantTable table : tables) {
            long last;
            do {
                last = pace.batch(() -> batch(table, before));
                removed += last;
                session.work().progress(new Progress(subject, "remove", removed, -1, 0));
            } while (last > 0);
        }
        return removed;
    }

    private long batch(TenantTable table, @Nullable String before) throws SQLException {
        if (strangers.within(table)) {
            return atOnce(table, before);
        }
        String old = before == null ? "" : " and " + old("t", before);
        // Locked first: nobody can begin to refer to them while it is asked who does.
        List<String> places = session.listVerbatim(
                "select t.ctid::text from " + table.name().quoted() + " t where " + table.mine("t") + old + " limit "
                        + pace.gentleness().batch() + " for update",
                row -> row.getString(1));
        if (places.isEmpty()) {
            return 0;
        }
        List<String> quoted = new ArrayList<>();
        places.forEach(place -> quoted.add('"' + place + '"'));
        String picked = "{" + String.join(",", quoted) + "}";
        strangers.requireNone(session, table, " and p.ctid = any (?::tid[])", young(before), picked);
        return session.update(
                "delete from " + table.name().quoted() + " t where " + table.mine("t") + old
                        + " and t.ctid = any (?::tid[])",
                picked);
    }

    /** Rows that refer to each other go together: of a part, some would refer to what is gone. There are not many, as was asked before. */
    private long atOnce(TenantTable table, @Nullable String before) throws SQLException {
        String which = table.mine("t") + (before == null ? "" : " and " + old("t", before));
        session.oneVerbatim(
                "select count(*) from (select from " + table.name().quoted() + " t where " + which + " for update) l",
                row -> row.getLong(1));
        strangers.requireNone(session, table, before == null ? "" : " and " + old("p", before), young(before));
        return session.updateVerbatim("delete from " + table.name().quoted() + " t where " + which);
    }

    /**
     * In SQL: whether a row was there before that transaction. A row that was frozen long ago keeps its old number, which comes round again
     * after two thousand million transactions and then looks as if it were of the far future.
     */
    private static String old(String alias, String before) {
        return "(age(" + alias + ".xmin) > age(('" + Long.parseLong(before) + "'::xid8)::xid) or age(" + alias
                + ".xmin) < -" + FAR + ")";
    }

    private static String young(@Nullable String before) {
        return before == null ? "" : "not " + old("c", before);
    }

    /** @throws OperatorException when the number cannot be of this server, or is too old to be compared with */
    private void requireComparable(@Nullable String before) throws SQLException {
        if (before == null) {
            return;
        }
        boolean comparable = session.oneVerbatim(
                "select n >= " + Long.parseLong(before) + " and n - " + Long.parseLong(before) + " < " + FAR
                        + " from (select pg_snapshot_xmax(pg_current_snapshot())::text::numeric as n) s",
                row -> row.getBoolean(1));
        if (!comparable) {
            throw new OperatorException(
                    "the rows to be removed are those before transaction " + before
                            + ", which this server has not come to yet, or long ago",
                    "the record in the schema watchkeeper comes from another server (a dump that was restored?), or is very old: look whether the"
                            + " rows are still to go, and remove them, or the record, by hand.");
        }
    }

    /** @throws OperatorException when rows of the tenant are left in the tables */
    static void requireGone(Session session, List<TenantTable> tables) throws SQLException {
        for (TenantTable table : tables) {
            long left = table.count(session);
            if (left > 0) {
                throw new OperatorException(
                        left + " rows of tenant '" + table.tenant().orElseThrow() + "' are in " + table.name()
                                + " after it had left: written by somebody whom no policy holds, or it was a partition until then;"
                                + " they stay there",
                        "find who writes there (roles with BYPASSRLS, superusers), or detaches partitions, look at the rows (SELECT * FROM "
                                + table.name().quoted() + " WHERE "
                                + table.mine(table.name().quoted())
                                + ";), take over what is needed and DELETE them; then run the same again.");
            }
        }
    }
}
