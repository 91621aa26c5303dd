package io.watchkeeper.toolkit.replication;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.replicas.ReplicatingServer;
import io.watchkeeper.toolkit.replication.ServerLook.Identity;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads who gets the log of a server, how far they are, and what slots keep there: of a primary and of a standby, by one statement.
 * Changes nothing on the server. What was seen is kept in the observations, and what was seen before goes into the figures.
 */
public final class ReplicationReader {

    private static final Duration WAL_SIZED_EVERY = Duration.ofMinutes(1);

    private final Database database;
    private final Collection<DatabaseSettings> standbys;
    private final ReplicationObservations observations;
    private final Work work;
    private final Clock clock;

    /** A reader that knows of nothing before its first look, and of no configured standby. */
    public ReplicationReader(Database database, Work work, Clock clock) {
        this(database, List.of(), ReplicationObservations.inMemory(), work, clock);
    }

    /** @param standbys that are configured as standbys of the database */
    public ReplicationReader(
            Database database,
            Collection<DatabaseSettings> standbys,
            ReplicationObservations observations,
            Work work,
            Clock clock) {
        this.database = database;
        this.standbys = List.copyOf(standbys);
        this.observations = observations;
        this.work = work;
        this.clock = clock;
    }

    /**
     * Looks once, in one round trip; once a minute in two.
     *
     * @throws OperatorException when the role may not see it, or the server cannot be reached
     */
    public ReplicatingServer read() throws SQLException {
        try (Session session = database.open(work)) {
            return read(session);
        }
    }

    /** As {@link #read()}, in a session that is open already. */
    public ReplicatingServer read(Session session) throws SQLException {
        Instant now = clock.instant();
        ServerLook look = ServerLook.at(session);
        if (look.hidden()) {
            throw hidden();
        }
        Long walBytes = isWalSizeDue(look, now) ? ServerLook.walBytes(session) : null;
        return of(look, walBytes, now);
    }

    /** Whether a connection of the look could be one of these standbys, which would have to be asked who they are. */
    boolean couldAskForNames(ReplicatingServer server) {
        return standbys.stream()
                .map(DatabaseSettings::name)
                .anyMatch(name -> !observations.of(name).hasLooks()
                        && server.replica(name).filter(r -> r.isConnected()).isEmpty()
                        && server.replicas().stream()
                                .anyMatch(other -> other.isConnected()
                                        && standbys.stream()
                                                .noneMatch(standby ->
                                                        standby.name().equals(other.name()))));
    }

    private ReplicatingServer of(ServerLook look, @Nullable Long walBytes, Instant now) {
        ReplicaNames names = names();
        ReplicaNames.Named named = names.name(
                look.senders().stream().filter(ServerLook.Sender::isReplica).toList());
        ServerSeen seen = observations.update(
                database.name(), before -> new Observer(look, names, named, now).next(before, walBytes));
        Figures figures = new Figures(look, seen, named, now);
        return new ReplicatingServer(
                database.name(),
                now,
                look.standby(),
                look.position().toString(),
                figures.replicas(),
                figures.slots(),
                seen.walBytes(),
                new DiskForecast(database.settings(), look, seen, now).secondsToFull(),
                look.receiver(),
                look.conflicts(),
                null);
    }

    private ReplicaNames names() {
        Map<String, Identity> identities = new HashMap<>();
        List<DatabaseSettings> actual = standbys.stream()
                .filter(standby -> !isPrimaryNow(observations.of(standby.name())))
                .toList();
        for (DatabaseSettings standby : actual) {
            Identity identity = observations.of(standby.name()).identity();
            if (identity != null) {
                identities.put(standby.name(), identity);
            }
        }
        return new ReplicaNames(actual, identities);
    }

    /** The configuration says what was so when it was written; a failover may have been since. */
    private static boolean isPrimaryNow(ServerSeen seen) {
        return seen.identity() == null && seen.hasLooks();
    }

    private boolean isWalSizeDue(ServerLook look, Instant now) {
        Instant last = observations.of(database.name()).walBytesAt();
        return look.mayListWal() && (last == null || !last.plus(WAL_SIZED_EVERY).isAfter(now));
    }

    private OperatorException hidden() {
        String user = database.settings().user();
        return new OperatorException(
                "role '" + user + "' may not see the replication state of database '" + database.name() + "'",
                "GRANT pg_monitor TO " + Identifiers.quote(user) + ";");
    }
}
