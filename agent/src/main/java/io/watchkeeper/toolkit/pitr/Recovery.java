package io.watchkeeper.toolkit.pitr;

import io.watchkeeper.postgres.Lsn;
import io.watchkeeper.postgres.Progress;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Replays the archived WAL in a sandbox up to the target, and promotes what came of it. */
final class Recovery {

    private static final int LOOK_EVERY_MS = 50;

    private static final String STATE = """
            select pg_is_in_recovery(), pg_last_wal_replay_lsn()::text, pg_last_xact_replay_timestamp()""";

    private final SandboxServer server;
    private final WalFeeder feeder;
    private final RestorePlanner.Plan plan;
    private final Work work;

    Recovery(SandboxServer server, WalFeeder feeder, RestorePlanner.Plan plan, Work work) {
        this.server = server;
        this.feeder = feeder;
        this.plan = plan;
        this.work = work;
    }

    /**
     * Where recovery ended.
     *
     * @param replayed the end of the last record that was replayed
     * @param lastCommit when the last replayed transaction was committed; null when none was
     */
    record Reached(Lsn replayed, @Nullable Instant lastCommit) {}

    /** The server's settings that make it recover to the target. @param restoreCommand brings it WAL */
    static Map<String, String> settings(RestorePreview preview, String restoreCommand) {
        Map<String, String> settings = new LinkedHashMap<>(preview.target().settings());
        settings.put("restore_command", restoreCommand);
        long from = preview.backup().manifest().timeline();
        settings.put(
                "recovery_target_timeline", preview.timeline() == from ? "current" : Long.toString(preview.timeline()));
        settings.put("recovery_target_action", "promote");
        return settings;
    }

    /**
     * Starts the server and waits until it has recovered.
     *
     * @throws OperatorException when it does not get there: with the server's own words, or the archive's
     */
    Reached run(ControlData control, String restoreCommand) throws IOException, SQLException {
        server.start(
                settings(plan.preview(), restoreCommand),
                control,
                plan.preview().backup().manifest().majorVersion());
        while (true) {
            feeder.throwIfFailed(work);
            if (!server.isAlive()) {
                // The feeder's own words are better than the server's, which come of them.
                feeder.throwIfFailed(work);
                throw ended();
            }
            try (Connection connection = server.connect("template1");
                    Statement statement = connection.createStatement()) {
                Reached reached = await(statement);
                if (reached != null) {
                    return reached;
                }
            } catch (SQLException e) {
                pause(); // not yet, or not any more, which the next look tells
            }
        }
    }

    private @Nullable Reached await(Statement statement) throws SQLException {
        while (true) {
            feeder.throwIfFailed(work);
            try (ResultSet row = statement.executeQuery(STATE)) {
                row.next();
                Lsn replayed = Lsn.parse(String.valueOf(row.getString(2))).orElse(new Lsn(0));
                Timestamp commit = row.getTimestamp(3);
                if (!row.getBoolean(1)) {
                    return new Reached(replayed, commit == null ? null : commit.toInstant());
                }
                long bytes = Math.max(0, replayed.position() - start().position());
                work.progress(Progress.ofBytes("replayed to " + replayed, "recover", bytes, 0));
            }
            if (!server.isAlive()) {
                return null;
            }
            pause();
        }
    }

    private Lsn start() {
        Lsn start = plan.preview().backup().manifest().startLsn();
        return start == null ? new Lsn(0) : start;
    }

    private void pause() {
        try {
            Thread.sleep(LOOK_EVERY_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            work.throwIfCancelled();
            throw new OperatorException("interrupted while the sandbox recovered", null, e);
        }
    }

    private OperatorException ended() {
        String words = server.lastWords();
        String target = plan.preview().target().words();
        if (words.contains("recovery ended before configured recovery target was reached")) {
            return new OperatorException(
                    "recovery came to the end of the archived WAL before the target " + target
                            + server.lastCommit()
                                    .map(at -> "; the last transaction it found was committed at " + at)
                                    .orElse(""),
                    "choose an earlier target, or the latest: after the last archived transaction, nothing tells that a target is"
                            + " reached, unless the archive's receiver or the database itself says that there was no later one.");
        }
        if (words.contains("No space left on device")) {
            return new OperatorException(
                    "the sandbox's disk is full: " + words,
                    "make room in the state directory, or move it to a larger disk.");
        }
        if (words.contains("resource manager with ID")) {
            return new OperatorException(
                    "the WAL holds records of an extension that has to be preloaded, and a sandbox preloads none: "
                            + words,
                    "restore this cluster by hand; see docs/restoring.md.");
        }
        return new OperatorException(
                "the sandbox's server ended during recovery" + (words.isEmpty() ? "" : ": " + words),
                "the words are PostgreSQL's own; 'watchkeeper backup verify' looks for what is damaged.");
    }
}
