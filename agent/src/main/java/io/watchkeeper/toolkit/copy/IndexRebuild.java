package io.watchkeeper.toolkit.copy;

import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.postgres.TableShape;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Takes a table's indexes away while it is filled and builds them afterwards, which costs less than keeping them up to date row
 * by row. All of it in the transaction that fills the table: if anything fails or dies, the indexes were never away.
 *
 * <p>Left alone are indexes that something else rests on (foreign keys, views that group by the key, replica identity), those
 * of exclusion constraints and of partitions, and whatever could not be built again exactly as it was.
 */
final class IndexRebuild {

    private static final String REPLACEABLE = """
            select i.relname, pg_get_indexdef(x.indexrelid), k.conname, k.contype, k.condeferrable, k.condeferred,
                   x.indisclustered, s.spcname, obj_description(i.oid, 'pg_class'), obj_description(k.oid, 'pg_constraint')
              from pg_index x
              join pg_class i on i.oid = x.indexrelid
              join pg_am m on m.oid = i.relam
              left join pg_tablespace s on s.oid = i.reltablespace
              left join pg_constraint k on k.conindid = i.oid and k.conrelid = x.indrelid and k.contype in ('p', 'u', 'x')
             where x.indrelid = (select c.oid from pg_class c join pg_namespace n on n.oid = c.relnamespace
                                  where n.nspname = ? and c.relname = ?)
               and x.indisvalid and x.indislive and not x.indisreplident
               and (k.oid is null or (k.contype <> 'x' and m.amname = 'btree'))
               and not exists (select from pg_inherits where inhrelid = i.oid)
               and not exists (select from pg_depend d
                                where d.deptype <> 'i'
                                  and (d.refclassid = 'pg_class'::regclass and d.refobjid = i.oid
                                       or d.refclassid = 'pg_constraint'::regclass and d.refobjid = k.oid))
               and not exists (select from pg_attribute a where a.attrelid = i.oid and a.attstattarget >= 0)
             order by k.contype = 'p' desc nulls last, i.relname""";

    private record Index(
            String name,
            String definition,
            @Nullable String constraint,
            boolean primary,
            boolean deferrable,
            boolean deferred,
            boolean clustered,
            @Nullable String tablespace,
            @Nullable String comment,
            @Nullable String constraintComment) {

        static Index read(ResultSet row) throws SQLException {
            return new Index(
                    row.getString(1),
                    row.getString(2),
                    row.getString(3),
                    "p".equals(row.getString(4)),
                    row.getBoolean(5),
                    row.getBoolean(6),
                    row.getBoolean(7),
                    row.getString(8),
                    row.getString(9),
                    row.getString(10));
        }
    }

    private final TableShape table;
    private final List<Index> indexes;

    private IndexRebuild(TableShape table, List<Index> indexes) {
        this.table = table;
        this.indexes = indexes;
    }

    static IndexRebuild of(Session target, PreparedCopy copy) throws SQLException {
        TableName name = copy.target().name();
        return new IndexRebuild(copy.target(), target.list(REPLACEABLE, Index::read, name.schema(), name.name()));
    }

    /** The statements that take them away; empty when none can be. */
    List<String> drop() {
        List<String> statements = new ArrayList<>();
        for (Index index : indexes) {
            statements.add(
                    index.constraint == null
                            ? "DROP INDEX " + qualified(index)
                            : "ALTER TABLE " + table.quotedAlone() + " DROP CONSTRAINT "
                                    + Identifiers.quote(index.constraint));
        }
        return statements;
    }

    /** The statements that build them again, with all that belongs to them. */
    List<String> build() {
        List<String> statements = new ArrayList<>();
        if (!indexes.isEmpty()) {
            // Sorting in memory; only this transaction has it.
            statements.add("select set_config('maintenance_work_mem', greatest(setting::bigint, 262144) || 'kB', true)"
                    + " from pg_settings where name = 'maintenance_work_mem'");
        }
        for (Index index : indexes) {
            statements.add("select set_config('default_tablespace', "
                    + Identifiers.quoteLiteral(index.tablespace == null ? "" : index.tablespace) + ", true)");
            statements.add(index.definition);
            if (index.constraint != null) {
                statements.add("ALTER TABLE " + table.quotedAlone() + " ADD CONSTRAINT "
                        + Identifiers.quote(index.constraint) + (index.primary ? " PRIMARY KEY" : " UNIQUE")
                        + " USING INDEX " + Identifiers.quote(index.name)
                        + (index.deferrable ? " DEFERRABLE" : "")
                        + (index.deferred ? " INITIALLY DEFERRED" : ""));
            }
            if (index.clustered) {
                statements.add("ALTER TABLE " + table.quotedAlone() + " CLUSTER ON " + Identifiers.quote(index.name));
            }
            if (index.comment != null) {
                statements.add(
                        "COMMENT ON INDEX " + qualified(index) + " IS " + Identifiers.quoteLiteral(index.comment));
            }
            if (index.constraint != null && index.constraintComment != null) {
                statements.add("COMMENT ON CONSTRAINT " + Identifiers.quote(index.constraint) + " ON "
                        + table.name().quoted() + " IS " + Identifiers.quoteLiteral(index.constraintComment));
            }
        }
        return statements;
    }

    private String qualified(Index index) {
        return new TableName(table.name().schema(), index.name).quoted();
    }
}
