package io.watchkeeper.history;

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

    /** Adds what is known now; what it does not tell stays as it was. */
    static void save(Connection connection, TableState state, Instant now) throws SQLException {
        String sql = """
                insert into table_state (database, name, synced_at, differences, told_at, verified_at, source)
                values (?, ?, ?, ?, ?, ?, ?)
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
