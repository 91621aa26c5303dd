package io.watchkeeper.postgres;

import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.postgresql.util.HostSpec;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Processes of servers whose sessions ended here because a link broke. A server that was not told keeps them, and what they have
 * locked, until its own system gives the link up; on a link that comes and goes that may be after the work was tried again, and
 * failed at those locks. So the next session to reach that server ends them.
 */
final class LeftBehind {

    private static final Logger LOG = LoggerFactory.getLogger(LeftBehind.class);

    /** How long one that is ended may take to undo what it did. */
    private static final int PATIENCE_MS = 5_000;

    private final Map<HostSpec, Map<String, Backend>> backends = new ConcurrentHashMap<>();

    void add(Backend backend, HostSpec host) {
        backends.computeIfAbsent(host, h -> new ConcurrentHashMap<>()).put(backend.id(), backend);
    }

    /** Ends those of the server that the session leads to, and waits for their end. What fails here is left to the server. */
    void end(Session session) {
        Map<String, Backend> here = backends.get(session.host());
        if (here == null || here.isEmpty()) {
            return;
        }
        List<String> ids = List.copyOf(here.keySet());
        here.keySet().removeAll(ids);
        try {
            // In the list of columns, so that it is never called for any other row. A role may end its own processes.
            List<Integer> ended = session.list(
                    "select pid, pg_terminate_backend(pid, ?) from pg_stat_activity"
                            + " where pid || ' ' || extract(epoch from backend_start) = any (?::text[])",
                    row -> row.getInt(1),
                    PATIENCE_MS,
                    ids);
            if (!ended.isEmpty()) {
                LOG.info(
                        "ended what a broken link left behind on '{}': {} (pid)",
                        session.database().name(),
                        ended);
            }
        } catch (SQLException | RuntimeException e) {
            LOG.info(
                    "could not end what a broken link left behind on '{}': {}",
                    session.database().name(),
                    e.getMessage());
        }
    }
}
