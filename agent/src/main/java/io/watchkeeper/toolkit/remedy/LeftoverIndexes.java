package io.watchkeeper.toolkit.remedy;

import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.Session;
import java.sql.SQLException;
import java.util.List;

/** What {@code REINDEX CONCURRENTLY} leaves behind when it does not come to its end: an invalid index beside the one it was for. */
final class LeftoverIndexes {

    private LeftoverIndexes() {}

    /** Drops invalid ones of the recorded index that nobody is building. */
    static RemedyRevert.Outcome drop(Session session, RemedyRecord record) throws SQLException {
        List<String> left = session.list("""
                select format('%I.%I', n.nspname, i.relname)
                  from pg_index whole
                       join pg_class w on w.oid = whole.indexrelid
                       join pg_index x on x.indrelid = whole.indrelid and not x.indisvalid
                       join pg_class i on i.oid = x.indexrelid
                       join pg_namespace n on n.oid = i.relnamespace,
                       regexp_replace(i.relname, '_cc(new|old)[0-9]*$', '') base
                 where whole.indexrelid = to_regclass(?)
                   and base <> i.relname
                   -- the server cuts long names
                   and (base = w.relname or octet_length(i.relname) > 60 and starts_with(w.relname, base))
                   and not exists (select from pg_stat_progress_create_index p where p.relid = whole.indrelid)""", row -> row.getString(1), record.name());
        for (String index : left) {
            session.runVerbatim("DROP INDEX CONCURRENTLY IF EXISTS " + index);
        }
        return left.isEmpty()
                ? new RemedyRevert.Outcome(true, false, "nothing is left of rebuilding " + record.name())
                : new RemedyRevert.Outcome(
                        true,
                        true,
                        "dropped what was left of rebuilding " + record.name() + ": " + String.join(", ", left));
    }

    /** The index as SQL text. */
    static String quoted(String schema, String index) {
        return Identifiers.quote(schema) + "." + Identifiers.quote(index);
    }
}
