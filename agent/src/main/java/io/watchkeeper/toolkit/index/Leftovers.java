package io.watchkeeper.toolkit.index;

import io.watchkeeper.postgres.Session;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * What {@code REINDEX CONCURRENTLY} leaves behind when it does not come to its end: an invalid index beside the one it was for, named
 * {@code …_ccnew} or {@code …_ccold}. It is in the way of every write, and of use to no query.
 */
public final class Leftovers {

    /** The same columns as the index whose name it bears; whoever has an invalid index of another shape and such a name keeps it. */
    private static final String SQL = """
            select x.indexrelid::bigint, coalesce(m.oid, t.oid)::bigint, n.nspname, i.relname,
                   i.relpages::bigint * current_setting('block_size')::bigint
              from pg_index x
                   join pg_class i on i.oid = x.indexrelid join pg_namespace n on n.oid = i.relnamespace
                   join pg_class t on t.oid = x.indrelid left join pg_class m on m.reltoastrelid = t.oid and t.relkind = 't',
                   regexp_replace(i.relname, '_cc(new|old)[0-9]*$', '') base
             where not x.indisvalid and i.relkind = 'i' and base <> i.relname
               and exists (select from pg_index whole join pg_class w on w.oid = whole.indexrelid
                            where whole.indrelid = x.indrelid and whole.indexrelid <> x.indexrelid
                              -- the server cuts long names
                              and (w.relname = base or octet_length(i.relname) > 60 and starts_with(w.relname, base))
                              and whole.indkey = x.indkey and whole.indclass = x.indclass and whole.indoption = x.indoption
                              and pg_get_expr(whole.indexprs, whole.indrelid) is not distinct from pg_get_expr(x.indexprs, x.indrelid)
                              and pg_get_expr(whole.indpred, whole.indrelid) is not distinct from pg_get_expr(x.indpred, x.indrelid))
               and not exists (select from pg_stat_progress_create_index p where p.relid = x.indrelid)
             order by 3, 4""";

    private Leftovers() {}

    /**
     * One such index.
     *
     * @param tableId of the table, of a TOAST table's index the table that owns it
     */
    public record Leftover(long id, long tableId, IndexName index, long bytes) {}

    /** All of the database that nobody builds, as far as the role sees who builds. */
    public static List<Leftover> find(Session session) throws SQLException {
        return session.list(
                SQL,
                row -> new Leftover(
                        row.getLong(1),
                        row.getLong(2),
                        new IndexName(row.getString(3), row.getString(4)),
                        row.getLong(5)));
    }

    /** Those of one table. */
    public static List<Leftover> find(Session session, long tableId) throws SQLException {
        return find(session).stream().filter(one -> one.tableId() == tableId).toList();
    }

    /**
     * Drops one. Whoever builds it holds the table's lock, which this waits for, as long as the session waits for locks; when it has it, the
     * index is dropped only if it still is what it was.
     *
     * @return whether it was dropped
     */
    public static boolean drop(Session session, Leftover leftover) throws SQLException {
        boolean same = find(session, leftover.tableId()).stream().anyMatch(now -> now.id() == leftover.id());
        if (same) {
            session.runVerbatim(dropSql(leftover.index()));
        }
        return same;
    }

    static String dropSql(IndexName index) {
        return "DROP INDEX CONCURRENTLY IF EXISTS " + index.quoted();
    }

    /** Drops what is left on a table. @return what was dropped */
    public static List<IndexName> dropAll(Session session, long tableId) throws SQLException {
        List<IndexName> dropped = new ArrayList<>();
        for (Leftover leftover : find(session, tableId)) {
            if (drop(session, leftover)) {
                dropped.add(leftover.index());
            }
        }
        return dropped;
    }
}
