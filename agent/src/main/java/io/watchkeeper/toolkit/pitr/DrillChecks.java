package io.watchkeeper.toolkit.pitr;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.Lsn;
import io.watchkeeper.postgres.PgBinaries;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.toolkit.backup.BackupManifest;
import io.watchkeeper.toolkit.wal.ArchivedFile;
import io.watchkeeper.units.DurationText;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a drill looks at in the recovered cluster. A check that cannot be made has failed, with the reason; the others are made. */
final class DrillChecks {

    private static final int AMCHECK_WORKERS = 2;

    private final DrillPlan plan;
    private final RestorePlanner.Plan restored;
    private final SandboxServer server;
    private final Database source;
    private final PgBinaries programs;
    private final Work work;
    private final List<DrillCheck> done = new ArrayList<>();
    private @Nullable Duration rpo;
    private @Nullable Instant recoveredTo;
    private long timeline;

    /** @param programs of the server's version */
    DrillChecks(
            DrillPlan plan,
            RestorePlanner.Plan restored,
            SandboxServer server,
            Database source,
            PgBinaries programs,
            Work work) {
        this.plan = plan;
        this.restored = restored;
        this.server = server;
        this.source = source;
        this.programs = programs;
        this.work = work;
    }

    List<DrillCheck> done() {
        return done;
    }

    @Nullable
    Duration rpo() {
        return rpo;
    }

    @Nullable
    Instant recoveredTo() {
        return recoveredTo;
    }

    long timeline() {
        return timeline;
    }

    /** A check; what it returns was seen, what it throws is why it did not pass. */
    private interface Look {
        String at() throws SQLException;
    }

    /** @param before where the source was when the drill began */
    void run(Recovery.Reached reached, ControlData control, Optional<SourceState> before, Instant began)
            throws SQLException {
        BackupManifest manifest = restored.preview().backup().manifest();
        recoveredTo = reached.lastCommit() == null ? manifest.finishedAt() : reached.lastCommit();
        String database =
                manifest.databaseName().isEmpty() ? source.settings().databaseName() : manifest.databaseName();
        try (Connection connection = server.connect(database)) {
            long nextXid = nextXid(connection);
            check("recovery has ended", () -> recoveryEnded(connection));
            check("timeline", () -> timeline(connection));
            check("cluster", () -> cluster(connection, manifest));
            check("target", () -> target(reached));
            check("RPO", () -> rpo(connection, control, reached, before, began));
            for (CheckQuery query : plan.checks()) {
                check(query.name(), () -> query.ask(connection));
            }
            Path synthetic = plan.synthetic();
            if (synthetic != null) {
                check(
                        "synthetic transaction",
                        () -> SyntheticTransaction.read(synthetic).run(connection));
            }
            if (!plan.compare().isEmpty()) {
                check("same as the source", () -> compare(database, control, nextXid));
            }
        }
        if (plan.amcheck()) {
            check("amcheck", this::amcheck);
        }
    }

    private void check(String name, Look look) {
        work.throwIfCancelled();
        long begin = System.nanoTime();
        boolean passed = false;
        String detail;
        try {
            detail = look.at();
            passed = true;
        } catch (OperatorException e) {
            work.throwIfCancelled();
            detail = Reason.of(e) + (e.hint() == null ? "" : " (" + e.hint() + ")");
        } catch (SQLException | RuntimeException e) {
            work.throwIfCancelled();
            detail = "could not be checked: " + Reason.of(e);
        }
        done.add(new DrillCheck(name, passed, detail, Duration.ofNanos(System.nanoTime() - begin)));
    }

    /** Compares a measured time with its limit. */
    void limit(String name, Duration measured, Duration limit, String what) {
        boolean within = measured.compareTo(limit) <= 0;
        done.add(new DrillCheck(
                name,
                within,
                DurationText.say(measured) + " " + what + ", limit " + DurationText.say(limit),
                Duration.ZERO));
    }

    private static String recoveryEnded(Connection connection) throws SQLException {
        if (!ask(connection, "select pg_is_in_recovery()").equals("f")) {
            throw new OperatorException("pg_is_in_recovery() is true", null);
        }
        return "pg_is_in_recovery() is false";
    }

    /** A recovery that ends begins a timeline, so that what it writes is never taken for the source's. */
    private String timeline(Connection connection) throws SQLException {
        timeline = Long.parseLong(
                ask(connection, "select pg_walfile_name(pg_current_wal_lsn())").substring(0, 8), 16);
        if (timeline <= restored.preview().timeline()) {
            throw new OperatorException(
                    "the cluster is on timeline " + timeline + ", which is not a new one", "it was not promoted.");
        }
        return "timeline " + timeline + ", after " + restored.preview().timeline();
    }

    private static String cluster(Connection connection, BackupManifest manifest) throws SQLException {
        String id = ask(connection, "select system_identifier from pg_control_system()");
        if (manifest.systemId() != 0 && !id.equals(Long.toUnsignedString(manifest.systemId()))) {
            throw new OperatorException(
                    "the restored cluster is " + id + ", and the manifest says "
                            + Long.toUnsignedString(manifest.systemId()),
                    "the backup's files and its manifest do not belong together.");
        }
        return "system identifier " + id;
    }

    private String target(Recovery.Reached reached) {
        Lsn replayed = reached.replayed();
        if (plan.target() instanceof RecoveryTarget.AtLsn at && replayed.compareTo(at.lsn()) < 0) {
            throw new OperatorException("recovery ended at " + replayed + ", before LSN " + at.lsn(), null);
        }
        Instant commit = reached.lastCommit();
        boolean past = plan.target() instanceof RecoveryTarget.AtTime at && commit != null && commit.isAfter(at.time());
        if (past) {
            throw new OperatorException("a transaction was replayed that was committed at " + commit, null);
        }
        if (plan.target() instanceof RecoveryTarget.Latest) {
            requireAllReplayed(replayed);
        }
        return "replayed to " + replayed + (commit == null ? "" : ", the last commit at " + commit);
    }

    /** Recovery takes a damaged record for the end of the log, and says nothing of what follows. */
    private void requireAllReplayed(Lsn replayed) {
        List<ArchivedFile> whole = restored.wal().files().stream()
                .filter(f -> f.kind() == ArchivedFile.Kind.SEGMENT)
                .toList();
        if (whole.isEmpty()) {
            return;
        }
        long size = restored.preview().backup().manifest().walSegmentSize();
        Lsn last = whole.get(whole.size() - 1)
                .segment(size)
                .orElseThrow(() -> new IllegalStateException("no segment"))
                .start();
        // Where in the last one recovery should have ended, no number tells: a record may go on in what is not archived
        // yet.
        if (replayed.compareTo(last) < 0 || !isReadable(whole, size)) {
            throw new OperatorException(
                    "recovery ended at " + replayed + ", although the archive goes on to the end of "
                            + whole.get(whole.size() - 1).name(),
                    "the WAL there cannot be replayed: a record in it is damaged.");
        }
    }

    private boolean isReadable(List<ArchivedFile> whole, long size) {
        try {
            return ArchiveEnd.isReadable(
                    whole,
                    size,
                    programs.program("pg_waldump"),
                    (name, to) -> restored.log().fetch(name, to),
                    work);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String rpo(
            Connection connection,
            ControlData control,
            Recovery.Reached reached,
            Optional<SourceState> before,
            Instant began)
            throws SQLException {
        Instant last = recoveredTo == null ? began : recoveredTo;
        if (!(plan.target() instanceof RecoveryTarget.Latest)) {
            // The server refuses to end such a recovery before it has seen what comes after the target.
            rpo = Duration.ZERO;
            if (restored.preview().target() instanceof RecoveryTarget.AtQuietTime quiet) {
                return quiet.note();
            }
            return "nothing before the target is missing; the last commit is of " + last;
        }
        String seen;
        if (before.isPresent()) {
            before.get()
                    .requireSamePast(
                            source.name(),
                            control.systemId(),
                            restored.preview().timeline());
            long lost = before.get().lost(connection, reached.replayed());
            rpo = lost == 0 ? Duration.ZERO : positive(Duration.between(last, began));
            seen = lost == 0
                    ? "nothing that was committed when the drill began is missing"
                    : lost + " transactions of the source, committed since " + last + ", were not archived";
        } else {
            rpo = positive(Duration.between(last, began));
            seen = "the last commit is of " + last + "; the source could not be asked for later ones";
        }
        if (rpo.compareTo(plan.maxRpo()) > 0) {
            throw new OperatorException(
                    DurationText.say(rpo) + " would be lost, the limit is " + DurationText.say(plan.maxRpo()) + ": "
                            + seen,
                    "look at the WAL archive: is it being received?");
        }
        return seen;
    }

    private static Duration positive(Duration time) {
        return time.isNegative() ? Duration.ZERO : time;
    }

    private String compare(String database, ControlData control, long nextXid) throws SQLException {
        SourceComparison.Findings found = new SourceComparison(source, server, database, work)
                .compare(plan.compare(), control.systemId(), nextXid);
        if (!found.wrong().isEmpty()) {
            throw new OperatorException(found.words(), null);
        }
        if (found.same().isEmpty()) {
            throw new OperatorException(
                    found.words(),
                    "nothing could be compared: name a table too whose rows are not changed all the time.");
        }
        return found.words();
    }

    private String amcheck() throws SQLException {
        AmCheck.Findings found = new AmCheck(server, AMCHECK_WORKERS).look();
        if (!found.wrong().isEmpty()) {
            throw new OperatorException(found.words(), "the source may be damaged as well: run amcheck there.");
        }
        return found.words();
    }

    private static long nextXid(Connection connection) throws SQLException {
        return Long.parseLong(ask(connection, "select pg_snapshot_xmax(pg_current_snapshot())")) & 0xFFFFFFFFL;
    }

    private static String ask(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return String.valueOf(row.getString(1));
        }
    }
}
