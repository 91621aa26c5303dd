package io.watchkeeper.postgres;

import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How busy a server is with work that is not the agent's, and how far its replicas are behind. Reading it changes nothing.
 *
 * @param active sessions that are at work, those that wait for a lock or for their client not counted
 * @param hidden sessions that the role may not look at; they may be at work, too
 * @param lag of the replica that is furthest behind; null where none replays or none says
 * @param replica its application_name
 */
public record ServerLoad(
        int active,
        int hidden,
        @Nullable Duration lag,
        @Nullable String replica) {

    /** Who only keeps the log, as an archive does, never replays, and the server counts that as a lag that grows for ever. */
    private static final String QUERY = """
            select count(*) filter (where state = 'active' and backend_type = 'client backend'
                                      and application_name not like 'watchkeeper%' and application_name <> 'postgres_fdw'
                                      and coalesce(wait_event_type, '') not in ('Lock', 'Client')),
                   count(*) filter (where query = '<insufficient privilege>'),
                   (select extract(epoch from max(replay_lag)) * 1000 from pg_stat_replication where replay_lsn is not null)::bigint,
                   (select application_name from pg_stat_replication where replay_lsn is not null order by replay_lag desc nulls last limit 1)
              from pg_stat_activity
             where pid <> pg_backend_pid()""";

    /** Asks the server, with one statement. */
    public static ServerLoad read(Session session) throws SQLException {
        return session.one(QUERY, row -> {
            long millis = row.getLong(3);
            Duration lag = row.wasNull() ? null : Duration.ofMillis(millis);
            return new ServerLoad(row.getInt(1), row.getInt(2), lag, row.getString(4));
        });
    }

    /** How far the furthest replica is behind. */
    public Optional<Duration> furthestBehind() {
        return Optional.ofNullable(lag);
    }
}
