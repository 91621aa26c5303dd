package io.watchkeeper.postgres;

import java.io.IOException;
import java.net.SocketAddress;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.HostSpec;
import org.postgresql.util.PSQLException;

/** Asks one server about the processes behind sessions, on a connection of its own that is made when it is needed. */
final class LinkProbe implements AutoCloseable {

    private static final String QUESTION = """
            select coalesce(host(inet_server_addr()) || ' ' || inet_server_port(), ''),
                   extract(epoch from pg_postmaster_start_time())::float8,
                   a.pid, a.state, a.state_change::text, a.wait_event, p.bytes_processed
              from (select) one left join pg_stat_activity a on a.pid = any(?)
              left join pg_stat_progress_copy p on p.pid = a.pid""";

    /** The server's states that say nothing: it does not keep them, or not for this role. */
    private static final Set<String> UNKNOWN = Set.of("disabled");

    private final ConnectionSource connections;
    private final LinkLimits limits;
    private final HostSpec host;
    private final SocketAddress address;
    private @Nullable Connection connection;
    private long answeredAt;
    private long askedAt = System.nanoTime();
    private boolean refused;
    private int unanswered;

    LinkProbe(ConnectionSource connections, LinkLimits limits, HostSpec host, SocketAddress address) {
        this.connections = connections;
        this.limits = limits;
        this.host = host;
        this.address = address;
        this.answeredAt = Long.MIN_VALUE;
    }

    /** Whether a new connection was tried since the server last answered, and was not answered. */
    boolean isUnanswered() {
        return unanswered > 0;
    }

    /** When the last question that was answered began; meaningless before the first, see {@link #hasAnswered}. */
    long answeredAt() {
        return answeredAt;
    }

    long askedAt() {
        return askedAt;
    }

    boolean hasAnswered() {
        return answeredAt != Long.MIN_VALUE;
    }

    /** Whether the server lets nobody in to ask: it answers, and that is all that can be known. */
    boolean isRefused() {
        return refused;
    }

    /**
     * @return what the server knows of each of these; those it cannot tell anything about are left out, so that it is empty when
     *     the server is not reached, or refuses the login
     */
    Map<Session, BackendState> ask(Collection<Session> sessions) {
        long start = System.nanoTime();
        askedAt = start;
        boolean fresh = connection == null;
        try {
            Map<Session, BackendState> states = answers(sessions);
            answered(start, false);
            return states;
        } catch (SQLException e) {
            close();
            if (isAnswer(e)) {
                answered(start, true);
            } else if (fresh) {
                unanswered++;
            }
            return Map.of();
        }
    }

    private void answered(long at, boolean withRefusal) {
        answeredAt = at;
        refused = withRefusal;
        unanswered = 0;
    }

    private Map<Session, BackendState> answers(Collection<Session> sessions) throws SQLException {
        Connection open = connection;
        if (open == null) {
            open = connections.connectBeside(host, address);
            connection = open;
        }
        open.setNetworkTimeout(Runnable::run, (int) limits.answer().toMillis());
        Integer[] pids = sessions.stream().map(s -> s.backend().pid()).toArray(Integer[]::new);
        try (PreparedStatement question = open.prepareStatement(QUESTION)) {
            question.setArray(1, open.createArrayOf("int4", pids));
            try (ResultSet rows = question.executeQuery()) {
                return read(rows, sessions);
            }
        }
    }

    private static Map<Session, BackendState> read(ResultSet rows, Collection<Session> sessions) throws SQLException {
        Map<Integer, BackendState> byPid = new HashMap<>();
        String server = "";
        double started = 0;
        while (rows.next()) {
            server = rows.getString(1);
            started = rows.getDouble(2);
            byPid.put(
                    rows.getInt(3),
                    new BackendState(
                            rows.getString(4) == null ? "disabled" : rows.getString(4),
                            rows.getString(5),
                            rows.getString(6),
                            rows.getObject(7, Long.class)));
        }
        Map<Session, BackendState> states = new HashMap<>();
        for (Session session : sessions) {
            Backend backend = session.backend();
            // Something in between may lead to another server each time.
            if (backend.server().equals(server) && started >= backend.serverStarted()) {
                BackendState state = byPid.getOrDefault(backend.pid(), BackendState.GONE);
                if (state.state() == null || !UNKNOWN.contains(state.state())) {
                    states.put(session, state);
                }
            }
        }
        return states;
    }

    /** Whether a server said so; else the network did, or nobody did anything. */
    private static boolean isAnswer(SQLException e) {
        for (Throwable one = e; one != null; one = one.getCause()) {
            if (one instanceof PSQLException said && said.getServerErrorMessage() != null) {
                return true;
            }
            if (one instanceof javax.net.ssl.SSLException && !(one.getCause() instanceof IOException)) {
                return true;
            }
        }
        String state = e.getSQLState();
        return state != null && !state.startsWith("08");
    }

    @Override
    public void close() {
        Connection open = connection;
        connection = null;
        if (open != null) {
            try {
                // Not close(), which says farewell over a link that may take it never.
                open.abort(Runnable::run);
            } catch (SQLException e) {
                // Gone already.
            }
        }
    }
}
