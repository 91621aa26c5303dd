package io.watchkeeper.toolkit.index;

import io.watchkeeper.postgres.AgentSchema;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.TableName;
import java.sql.SQLException;
import java.util.List;

/**
 * The agent's records of indexes being built anew, table {@code watchkeeper.rebuilds} of the database. A record is committed before the
 * statement begins and goes when nothing is left of it; so a record whose table nobody works on tells of leftovers. Who works on a
 * table has its {@link TableTurn}.
 */
final class RebuildLedger {

    static final String TABLE = "rebuilds";

    private static final String COLUMNS = "table_id bigint PRIMARY KEY, table_name text NOT NULL, what text NOT NULL,"
            + " run text NOT NULL, started_at timestamptz NOT NULL DEFAULT now()";

    private final Session session;

    private RebuildLedger(Session session) {
        this.session = session;
    }

    /** Makes the table unless it is there. Commits; not to be called inside a transaction. */
    static RebuildLedger require(Session session) throws SQLException {
        AgentSchema.require(session, TABLE, COLUMNS);
        return new RebuildLedger(session);
    }

    /** Where it is known to be there. */
    static RebuildLedger of(Session session) {
        return new RebuildLedger(session);
    }

    /** A table that somebody worked on. */
    record Entry(long tableId, String table, String what) {}

    List<Entry> all() throws SQLException {
        return session.list(
                "select table_id, table_name, what from watchkeeper.rebuilds order by started_at",
                row -> new Entry(row.getLong(1), row.getString(2), row.getString(3)));
    }

    /** Written before anything is done. @param what in words */
    void add(long tableId, TableName table, String what) throws SQLException {
        session.update("""
                insert into watchkeeper.rebuilds (table_id, table_name, what, run) values (?, ?, ?, ?)
                on conflict (table_id) do update set (table_name, what, run, started_at)
                  = (excluded.table_name, excluded.what, excluded.run, now())""", tableId, table.toString(), what, session.work().applicationName());
    }

    void remove(long tableId) throws SQLException {
        session.update("delete from watchkeeper.rebuilds where table_id = ?", tableId);
    }
}
