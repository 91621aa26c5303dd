package io.watchkeeper.toolkit.standby;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.PgBinaries;
import io.watchkeeper.postgres.PgCommand;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.SystemdUnit;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Restarts a primary on this host in the way it was started: through systemd where it runs as a unit of it, else by pg_ctl. */
final class PrimaryRestart {

    private static final int ATTEMPTS = 60;

    private final Database primary;
    private final PrimaryFacts facts;
    private final Work work;

    PrimaryRestart(Database primary, PrimaryFacts facts, Work work) {
        this.primary = primary;
        this.facts = facts;
        this.work = work;
    }

    /** @param bin where its programs are looked for first; null for the usual places */
    void restart(@Nullable Path bin) throws SQLException {
        Path data = facts.requireData();
        try {
            String pid =
                    Files.readAllLines(data.resolve("postmaster.pid")).get(0).strip();
            Optional<SystemdUnit> unit = SystemdUnit.ofServer(pid);
            if (unit.isPresent()) {
                unit.get().restart(work);
            } else {
                requireToOutlive();
                byPgCtl(data, pid, bin);
            }
        } catch (IOException e) {
            throw new OperatorException(
                    "'" + primary.name() + "' cannot be restarted: " + e.getMessage(),
                    "restart it by hand, and run this again.",
                    e);
        }
        awaitConnections();
    }

    /** @throws OperatorException when a server that this process starts would end with it */
    private void requireToOutlive() {
        SystemdUnit.own().ifPresent(own -> {
            throw new OperatorException(
                    "pg_ctl would start '" + primary.name() + "' again as a part of " + own.name()
                            + ", and systemd would end it whenever the agent stops",
                    "restart it by hand and run this again, or run this by hand: sudo watchkeeper run …; or make the server a unit.");
        });
    }

    private void byPgCtl(Path data, String pid, @Nullable Path bin) throws IOException {
        Path log = Path.of("/proc", pid, "fd", "2").toRealPath();
        if (!Files.isRegularFile(log)) {
            log = data.resolve("restart.log");
        }
        PgBinaries programs = PgBinaries.forServer(bin, facts.major())
                .orElseThrow(() -> new OperatorException(
                        "this host has no server programs of PostgreSQL " + facts.major(),
                        "name their folder: bin '/usr/lib/postgresql/" + facts.major() + "/bin'."));
        // With a log of its own, or the server would write into this process's pipe and end with it.
        PgCommand.of(
                        programs.program("pg_ctl"),
                        "restart",
                        "--wait",
                        "--silent",
                        "--mode=fast",
                        "--pgdata=" + data,
                        "--log=" + log)
                .asOwnerOf(data)
                .run(work);
    }

    /** The pool's connections are gone with the server; its next ones are waited for. */
    private void awaitConnections() throws SQLException {
        for (int i = 1; true; i++) {
            try (Session session = primary.open(work)) {
                session.query("select 1");
                return;
            } catch (SQLException | OperatorException e) {
                if (i == ATTEMPTS) {
                    throw e;
                }
                Pause.millis(work, 500);
            }
        }
    }
}
