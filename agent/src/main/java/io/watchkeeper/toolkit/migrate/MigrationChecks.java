package io.watchkeeper.toolkit.migrate;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.ReplicationProbe;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.units.Bytes;
import java.sql.SQLException;
import java.time.Clock;
import java.util.List;
import java.util.Optional;

/** What must be so before a migration begins. Changes nothing. */
final class MigrationChecks {

    private final List<AvoidedTime> avoided;
    private final Clock clock;
    private final Work work;

    MigrationChecks(List<AvoidedTime> avoided, Clock clock, Work work) {
        this.avoided = avoided;
        this.clock = clock;
        this.work = work;
    }

    /**
     * @throws MigrationRunsException while somebody else migrates one of them
     * @throws OperatorException when one of them cannot be reached, is a standby, or has a standby that is too far behind, and in times
     *     that are kept free
     */
    void require(List<Database> databases, Bytes maxLag) throws SQLException {
        Optional<AvoidedTime> now =
                avoided.stream().filter(time -> time.covers(clock.instant())).findFirst();
        if (now.isPresent()) {
            throw new OperatorException(
                    "no migration begins from " + now.get().words(),
                    "wait until then; meta.avoid in the configuration says so.");
        }
        for (Database database : databases) {
            try (Session session = database.open(work)) {
                require(session, maxLag);
            }
        }
    }

    private static void require(Session session, Bytes maxLag) throws SQLException {
        String name = session.database().name();
        if (session.one("select pg_is_in_recovery()", row -> row.getBoolean(1))) {
            throw new OperatorException(
                    "database '" + name + "' is a standby",
                    "migrate its primary: the schema comes to the standby by itself.");
        }
        Bytes lag = Bytes.of(ReplicationProbe.maxLagBytes(session));
        if (lag.compareTo(maxLag) > 0) {
            throw new OperatorException(
                    "a replica of database '" + name + "' is " + lag + " behind, and " + maxLag + " are allowed",
                    "wait until it has caught up, or raise maxLag.");
        }
        if (Registry.isBusy(session) || MigrationTurn.isTaken(session)) {
            throw MigrationTurn.taken(name);
        }
    }
}
