package io.watchkeeper.toolkit.sync;

import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.TableShape;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What the target's table was like at the end of a round, so that the next one can tell whether somebody else has written to it.
 *
 * @param relations object ids and files of the table or its partitions: TRUNCATE and rewrites change them
 * @param counter how many rows were ever written to it, by the server's statistics. They are forgotten in a crash, and late by a
 *     second: a counter that is not as expected says nothing yet, one that is saves looking at every row.
 * @param horizon the snapshot's xmin at the last round that looked at every row's own
 * @param nextXid likewise its xmax
 * @param applied transactions since then in which rounds wrote
 */
record TargetMark(String relations, long counter, long horizon, long nextXid, List<Long> applied) {

    /** So many transactions are told from others' one by one; then every row is looked at. */
    private static final int MOST_APPLIED = 200;

    private static final long WINDOW = 1L << 32;

    /** Every row of a smaller table is looked at in any case: the counter may be late. */
    private static final long WORTH_SPARING = 64L << 20;

    TargetMark {
        applied = List.copyOf(applied);
    }

    /** What is there now, in the transaction of a round that holds the table's lock. */
    record Now(String relations, long bytes, long counter, long horizon, long nextXid, long xid) {}

    static Now read(Session target, TableShape table) throws SQLException {
        List<String> names = table.isPartitioned()
                ? table.leaves().stream().map(leaf -> leaf.name().quoted()).toList()
                : List.of(table.name().quoted());
        String list = names.stream()
                .map(name -> Identifiers.quoteLiteral(name) + "::regclass")
                .collect(Collectors.joining(", "));
        return target.oneVerbatim(
                "SELECT coalesce(string_agg(c.oid || ':' || coalesce(pg_relation_filenode(c.oid), 0), ' ' ORDER BY c.oid), ''), coalesce(sum(pg_relation_size(c.oid)), 0)::bigint,"
                        + " coalesce(sum(pg_stat_get_tuples_inserted(c.oid) + pg_stat_get_tuples_updated(c.oid)"
                        + " + pg_stat_get_tuples_deleted(c.oid)), 0)::bigint,"
                        + " (SELECT pg_snapshot_xmin(s)::text::bigint FROM pg_current_snapshot() s),"
                        + " (SELECT pg_snapshot_xmax(s)::text::bigint FROM pg_current_snapshot() s),"
                        + " pg_current_xact_id()::text::bigint"
                        + " FROM pg_class c WHERE c.oid = ANY (ARRAY[" + list + "]::regclass[])",
                row -> new Now(
                        row.getString(1),
                        row.getLong(2),
                        row.getLong(3),
                        row.getLong(4),
                        row.getLong(5),
                        row.getLong(6)));
    }

    /** Whether nobody else has written, as far as the counter knows: it has only what rounds have added. */
    boolean isUntouched(Now now) {
        return now.bytes >= WORTH_SPARING
                && relations.equals(now.relations)
                && counter == now.counter
                && applied.size() < MOST_APPLIED
                && now.nextXid - horizon < WINDOW / 2;
    }

    /** The condition on rows that others have written since; it finds too many rather than too few. */
    String writtenByOthers(Now now) {
        if (!oids(relations).equals(oids(now.relations)) || now.nextXid - horizon >= WINDOW || now.nextXid < horizon) {
            return "true";
        }
        String window = "((xmin::text::bigint - " + horizon + ") & 4294967295) < " + (now.nextXid - horizon);
        return applied.isEmpty()
                ? window
                : window + " AND NOT xmin::text::bigint = ANY ('{"
                        + applied.stream()
                                .map(xid -> String.valueOf(xid & 0xFFFFFFFFL))
                                .collect(Collectors.joining(","))
                        + "}'::bigint[])";
    }

    /** Without the files: a rewrite leaves xmin as it was. */
    private static String oids(String relations) {
        return relations.replaceAll(":\\d+", "");
    }

    /** After a round that has looked at every row. */
    static TargetMark after(Now now, long written) {
        return new TargetMark(
                now.relations,
                now.counter + written,
                now.horizon,
                now.nextXid,
                written == 0 ? List.of() : List.of(now.xid));
    }

    /** After a round that was spared that. The horizon stays: what the counter did not show yet is found later. */
    TargetMark next(Now now, long written) {
        if (written == 0) {
            return this;
        }
        List<Long> all = new ArrayList<>(applied);
        all.add(now.xid);
        return new TargetMark(now.relations, counter + written, horizon, nextXid, all);
    }
}
