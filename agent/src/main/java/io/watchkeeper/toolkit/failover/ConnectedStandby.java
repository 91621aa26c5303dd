package io.watchkeeper.toolkit.failover;

import io.watchkeeper.postgres.Session;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A standby that is connected to its primary, as synchronous_standby_names knows it.
 *
 * @param name its application_name
 * @param state {@code streaming} when it is up to date but for what is on its way
 * @param syncState {@code async}, {@code potential}, {@code sync}, {@code quorum}
 * @param behind bytes not flushed there
 */
record ConnectedStandby(String name, String state, String syncState, long behind) {

    private static final String SQL = """
            select r.application_name, coalesce(r.state, ''), coalesce(r.sync_state, ''),
                   coalesce(pg_wal_lsn_diff(pg_current_wal_lsn(), r.flush_lsn), -1)::bigint
              from pg_stat_replication r
             where r.state is distinct from 'backup'
               and not exists (select from pg_replication_slots s where s.active_pid = r.pid and s.slot_type = 'logical')
             order by 1""";

    static List<ConnectedStandby> of(Session primary) throws SQLException {
        return primary.listVerbatim(
                SQL, row -> new ConnectedStandby(row.getString(1), row.getString(2), row.getString(3), row.getLong(4)));
    }

    boolean isStreaming() {
        return state.equals("streaming");
    }

    boolean isSynchronous() {
        return syncState.equals("sync") || syncState.equals("quorum");
    }

    Map<String, Object> fields() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("name", name);
        fields.put("state", state);
        fields.put("syncState", syncState);
        fields.put("behindBytes", behind);
        return fields;
    }
}
