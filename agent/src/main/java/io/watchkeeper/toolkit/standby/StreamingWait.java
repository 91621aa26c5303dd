package io.watchkeeper.toolkit.standby;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.Progress;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;

/** Waits until the primary sends its standby new log. One that catches up is waited for as long as the run may last. */
final class StreamingWait {

    private static final int LOOK_MS = 300;

    /** A server that was just started needs a moment before it can be seen to run. */
    private static final Duration TO_APPEAR = Duration.ofSeconds(3);

    private static final String STATE = """
            select coalesce(r.state, 'streaming'),
                   coalesce(pg_wal_lsn_diff(case when pg_is_in_recovery() then pg_last_wal_receive_lsn()
                                                 else pg_current_wal_lsn() end, r.replay_lsn), 0)::bigint
              from pg_replication_slots s join pg_stat_replication r on r.pid = s.active_pid
             where s.slot_name = ? and r.application_name = ?""";

    private final Database primary;
    private final StandbyRecord record;
    private final StandbyServer server;
    private final Triage triage;
    private final Work work;
    private final Duration patience;
    private final long logFrom;

    /**
     * @param state as pg_stat_replication has it
     * @param lagBytes not replayed yet
     */
    record Seen(String state, long lagBytes) {
        boolean isStreaming() {
            return state.equals("streaming");
        }
    }

    /**
     * @param patience how long the standby may take to connect
     * @param logFrom where in the standby's log begins what it has said since it was started
     */
    StreamingWait(
            Database primary,
            StandbyRecord record,
            StandbyServer server,
            Triage triage,
            Work work,
            Duration patience,
            long logFrom) {
        this.primary = primary;
        this.record = record;
        this.server = server;
        this.triage = triage;
        this.work = work;
        this.patience = patience;
        this.logFrom = logFrom;
    }

    /** How the primary sees it now; empty while it is not connected. */
    static Optional<Seen> look(Session session, StandbyRecord record) throws SQLException {
        return session
                .list(STATE, row -> new Seen(row.getString(1), row.getLong(2)), record.slot(), record.name())
                .stream()
                .findFirst();
    }

    /** @throws OperatorException when it does not connect in time, with the reason */
    Seen await() throws SQLException {
        long began = System.nanoTime();
        long connectedBy = began + patience.toNanos();
        try {
            while (true) {
                Optional<Seen> seen = look();
                if (seen.isPresent() && seen.get().isStreaming()) {
                    return seen.get();
                }
                if (seen.isPresent()) {
                    connectedBy = System.nanoTime() + patience.toNanos();
                    work.progress(Progress.ofBytes(
                            record.name(), seen.get().state(), 0, seen.get().lagBytes()));
                } else if (System.nanoTime() - began > TO_APPEAR.toNanos() && !server.isRunning()) {
                    throw new OperatorException(
                            "the server of standby '" + record.name() + "' does not run: "
                                    + server.lastWords(logFrom).orElse("it has said nothing of why"),
                            "its log is " + record.log() + "; correct that and run this again, which goes on here.");
                } else {
                    requireLog();
                }
                if (seen.isEmpty() && System.nanoTime() > connectedBy) {
                    throw notConnected();
                }
                Pause.millis(work, LOOK_MS);
            }
        } finally {
            work.progress(Progress.finished(record.name()));
        }
    }

    private Optional<Seen> look() throws SQLException {
        try (Session session = primary.open(work)) {
            return look(session, record);
        }
    }

    private OperatorException notConnected() {
        return triage.problem(
                "standby '" + record.name() + "' runs and is not connected to '" + primary.name() + "'"
                        + server.lastWords(logFrom)
                                .map(text -> ", and says " + text)
                                .orElse(""),
                null);
    }

    /** There is no use in waiting for log that the primary has not. */
    private void requireLog() {
        Optional<String> words = server.lastWords(logFrom).filter(text -> text.contains("has already been removed"));
        if (words.isPresent()) {
            throw new LogGoneException(
                    "standby '" + record.name() + "' needs log that its primary has no more: " + words.get(),
                    "copy it again: renew true.");
        }
    }
}
