package io.watchkeeper.toolkit.partition;

import io.watchkeeper.postgres.AgentSchema;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.TableName;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;

/**
 * The agent's records of partitions that are on their way out, table {@code watchkeeper.retired_partitions} of the same database. A record
 * is committed before a partition is detached and goes in the transaction that drops it: a table that is detached and not dropped yet is
 * found again, whatever died in between.
 */
final class RetirementLedger {

    private static final String TABLE = "retired_partitions";

    private static final String COLUMNS = """
            oid bigint PRIMARY KEY, schema text NOT NULL, name text NOT NULL, parent_schema text NOT NULL, parent text NOT NULL,
            bound text NOT NULL, action text NOT NULL, archive text, since timestamptz NOT NULL DEFAULT now()""";

    private final Session session;

    RetirementLedger(Session session) {
        this.session = session;
    }

    /** Empty where nothing was ever recorded. */
    List<RetirementRecord> all() throws SQLException {
        if (!AgentSchema.has(session, TABLE)) {
            return List.of();
        }
        return session.list(
                "select oid, schema, name, parent_schema, parent, bound, action, archive from watchkeeper.retired_partitions"
                        + " order by since, schema, name",
                row -> new RetirementRecord(
                        row.getLong(1),
                        new TableName(row.getString(2), row.getString(3)),
                        new TableName(row.getString(4), row.getString(5)),
                        row.getString(6),
                        Retention.valueOf(row.getString(7).toUpperCase(Locale.ROOT)),
                        row.getString(8)));
    }

    List<RetirementRecord> of(TableName parent) throws SQLException {
        return all().stream().filter(record -> record.parent().equals(parent)).toList();
    }

    /** Writes the record in the place of any older one; commits where no transaction is open. */
    void write(RetirementRecord record) throws SQLException {
        AgentSchema.require(session, TABLE, COLUMNS);
        session.update(
                """
                insert into watchkeeper.retired_partitions (oid, schema, name, parent_schema, parent, bound, action, archive)
                values (?, ?, ?, ?, ?, ?, ?, ?)
                on conflict (oid) do update set (schema, name, parent_schema, parent, bound, action, archive)
                  = (excluded.schema, excluded.name, excluded.parent_schema, excluded.parent, excluded.bound, excluded.action,
                     excluded.archive)""",
                record.oid(),
                record.name().schema(),
                record.name().name(),
                record.parent().schema(),
                record.parent().name(),
                record.bound(),
                record.action().toString(),
                record.archive());
    }

    void remove(RetirementRecord record) throws SQLException {
        session.update("delete from watchkeeper.retired_partitions where oid = ?", record.oid());
    }
}
