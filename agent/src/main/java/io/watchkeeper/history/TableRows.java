package io.watchkeeper.history;

import io.watchkeeper.runbook.RunTrigger;
import io.watchkeeper.runbook.TableState;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** The state of tables that are kept the same or compared; it outlives the runs that told it. */
final class TableRows {

    private TableRows() {}

    /**
     * Adds what is known now; what it does not tell stays as it was. The runs {@code sync} and {@code verify} of the commands only tell of
     * tables that are known: one that was synced for once grows old, and the alert about it would have no end.
     */
    static void save(Connection connection, String runId, TableState state, Instant now) throws SQLException {
        String sql = """
                insert into table_state (database, name, synced_at, differences, told_at, verified_at, source)
                select ?1, ?2, ?3, ?4, ?5, ?6, ?7
                where exists (select 1 from table_state where database = ?1 and name = ?2)
                    or not exists (select 1 from run where id = ?8 and trigger = ?9 and runbook in ('sync', 'verify'))
                on conflict (database, name) do update set
                    synced_at = coalesce(excluded.synced_at, synced_at),
                    differences = coalesce(excluded.differences, differences),
                    verified_at = coalesce(excluded.verified_at, verified_at),
                    source = coalesce(excluded.source, source),
                    told_at = excluded.told_at
                """;
        try (PreparedStatement insert = connection.prepareStatement(sql)) {
            insert.setString(1, state.database());
            insert.setString(2, state.table());
            insert.setString(3, state.syncedAt() == null ? null : StoredText.of(state.syncedAt()));
            if (state.differences() == null) {
                insert.setNull(4, Types.INTEGER);
            } else {
                insert.setLong(4, state.differences());
            }
            insert.setString(5, StoredText.of(now));
            insert.setString(6, state.verifiedAt() == null ? null : StoredText.of(state.verifiedAt()));
            insert.setString(7, StoredText.ofNullable(state.source()));
            insert.setString(8, runId);
            insert.setString(9, RunTrigger.CLI.name());
            insert.executeUpdate();
        }
    }

    static List<TableState> all(Connection connection) throws SQLException {
        List<TableState> states = new ArrayList<>();
        try (PreparedStatement select = connection.prepareStatement(
                        "select database, name, synced_at, differences, verified_at, source from table_state order by database, name");
                ResultSet row = select.executeQuery()) {
            while (row.next()) {
                String syncedAt = row.getString(3);
                long counted = row.getLong(4);
                Long differences = row.wasNull() ? null : Long.valueOf(counted);
                String verifiedAt = row.getString(5);
                states.add(new TableState(
                        row.getString(1),
                        row.getString(2),
                        syncedAt == null ? null : Instant.parse(syncedAt),
                        differences,
                        verifiedAt == null ? null : Instant.parse(verifiedAt),
                        row.getString(6)));
            }
        }
        return states;
    }

    /** Forgets tables that nothing was told of since. */
    static int expire(Connection connection, Instant toldBefore) throws SQLException {
        try (PreparedStatement delete = connection.prepareStatement("delete from table_state where told_at < ?")) {
            delete.setString(1, StoredText.of(toldBefore));
            return delete.executeUpdate();
        }
    }
}
