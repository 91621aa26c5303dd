package io.watchkeeper.toolkit.replication;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.replicas.Replica;
import io.watchkeeper.replicas.ReplicatingServer;
import io.watchkeeper.replicas.ReplicatingServer.Receiver;
import io.watchkeeper.replicas.ReplicationBoard;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * How this process looks at replication: it knows which databases are configured as whose standbys, what was seen before, and the
 * board on which everything is noted. One for a process; safe for several threads.
 */
public final class ReplicationSight {

    private final List<Database> databases;
    private final ReplicationObservations observations;
    private final ReplicationBoard board;
    private final Clock clock;

    /** Standbys that did not answer who they are: they are not asked again by this process until a look at them works. */
    private final Set<String> silent = new HashSet<>();

    /** @param databases those of the configuration */
    public ReplicationSight(Collection<Database> databases, Path state, ReplicationBoard board, Clock clock) {
        this.databases = List.copyOf(databases);
        this.observations = ReplicationObservations.in(state);
        this.board = board;
        this.clock = clock;
    }

    public ReplicationBoard board() {
        return board;
    }

    /** Whether the configuration says that the database replicates: as a standby, or to one. */
    boolean isConfigured(Database database) {
        return database.settings().standbyOf() != null
                || !standbysOf(database.name()).isEmpty();
    }

    /** The databases that are configured as standbys of this one, directly. */
    public List<Database> standbysOf(String primary) {
        return databases.stream()
                .filter(database -> primary.equals(database.settings().standbyOf()))
                .toList();
    }

    /**
     * Looks at a server and notes on the board what it finds.
     *
     * @throws OperatorException when it cannot be reached, or the role may not see it; noted, too
     */
    public ReplicatingServer look(Database database, Work work) throws SQLException {
        try (Session session = database.open(work)) {
            return look(session);
        } catch (OperatorException e) {
            noteProblem(database.name(), String.valueOf(e.getMessage()));
            throw e;
        }
    }

    /** As {@link #look(Database, Work)}, in a session that is open already. */
    public ReplicatingServer look(Session session) throws SQLException {
        Database database = session.database();
        List<Database> standbys = standbysOf(database.name());
        ReplicationReader reader = reader(database, session.work());
        ReplicatingServer server = reader.read(session);
        if (reader.couldAskForNames(server) && ask(standbys, session.work())) {
            server = reader.read(session);
        }
        if (observations.of(database.name()).clock().isFirstLook()) {
            server = fromTheOtherEnd(server, standbys, session.work());
        }
        board.note(server);
        return server;
    }

    /**
     * Nothing was seen before that would tell since when a replica is behind, and what PostgreSQL measures stands still where replay
     * does. The replica itself knows when what it replayed last was committed.
     */
    private ReplicatingServer fromTheOtherEnd(ReplicatingServer server, List<Database> standbys, Work work) {
        List<Replica> replicas = new ArrayList<>();
        for (Replica replica : server.replicas()) {
            double seconds = replica.seconds();
            if (replica.isConnected() && replica.bytes().replay() > 0) {
                seconds = Math.max(seconds, secondsAtTheEnd(replica.name(), standbys, work));
            }
            replicas.add(replica.withSeconds(seconds));
        }
        return server.withReplicas(replicas);
    }

    private double secondsAtTheEnd(String name, List<Database> standbys, Work work) {
        for (Database standby : standbys) {
            if (standby.name().equals(name)) {
                try (Session session = standby.open(work)) {
                    Receiver receiver = reader(standby, work).read(session).receiver();
                    return receiver == null ? -1 : receiver.behindSeconds();
                } catch (SQLException | OperatorException e) {
                    return -1;
                }
            }
        }
        return -1;
    }

    /** Lets standbys say how they call themselves. @return whether one has answered */
    private boolean ask(List<Database> standbys, Work work) {
        boolean answered = false;
        for (Database standby : standbys) {
            synchronized (silent) {
                if (observations.of(standby.name()).hasLooks() || !silent.add(standby.name())) {
                    continue;
                }
            }
            try (Session session = standby.open(work)) {
                reader(standby, work).read(session);
                answered = true;
            } catch (SQLException | OperatorException e) {
                // It goes by another name until it can be asked.
            }
        }
        return answered;
    }

    /** Notes that a server could not be looked at; what is known of it stays, and lag that is not known to have ended grows. */
    public void noteProblem(String database, String problem) {
        Instant now = clock.instant();
        ReplicatingServer before = board.server(database)
                .orElse(new ReplicatingServer(
                        database, now, false, "", List.of(), List.of(), -1, null, null, Map.of(), null));
        double elapsed = Math.max(0, Duration.between(before.at(), now).toMillis() / 1000.0);
        board.note(before.withReplicas(
                        before.replicas().stream().map(r -> grown(r, elapsed)).toList())
                .withProblem(now, problem));
    }

    private static Replica grown(Replica replica, double elapsed) {
        boolean behind = !replica.isConnected() || replica.seconds() > 0;
        return behind && replica.seconds() >= 0 ? replica.withSeconds(replica.seconds() + elapsed) : replica;
    }

    /**
     * The configured database that reads a slot of a server: a standby, or one with a subscription, also while it cannot be reached; empty
     * when nobody knows one.
     */
    Optional<String> readerOf(String server, String slot) {
        for (Database database : databases) {
            ServerSeen seen = observations.of(database.name());
            ServerLook.Identity identity = seen.identity();
            boolean standby = server.equals(database.settings().standbyOf())
                    && (slot.equals(ReplicaNames.slotOf(database.name()))
                            || (identity != null && slot.equals(identity.slot())));
            if (standby || seen.subscriptions().contains(slot)) {
                return Optional.of(database.name());
            }
        }
        return Optional.empty();
    }

    private ReplicationReader reader(Database database, Work work) {
        return new ReplicationReader(
                database,
                standbysOf(database.name()).stream().map(Database::settings).toList(),
                observations,
                work,
                clock);
    }
}
