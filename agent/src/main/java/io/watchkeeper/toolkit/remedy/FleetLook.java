package io.watchkeeper.toolkit.remedy;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.Lsn;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.replicas.LagBytes;
import io.watchkeeper.replicas.Replica;
import io.watchkeeper.replicas.ReplicatingServer;
import io.watchkeeper.replicas.ReplicationSlot;
import io.watchkeeper.toolkit.replication.ReplicationSight;
import java.sql.SQLException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Looks at a primary's replicas from both ends. Changes nothing. */
final class FleetLook {

    private final Database primary;
    private final List<Database> standbys;
    private final ReplicationSight sight;
    private final Work work;
    private final Clock clock;

    /** Which configured database a replica is, once it is known. */
    private final Map<String, Database> known = new HashMap<>();

    /** Where each was in replaying at the look before. */
    private final Map<String, String> replayed = new HashMap<>();

    FleetLook(Database primary, ReplicationSight sight, Work work, Clock clock) {
        this.primary = primary;
        this.standbys = sight.standbysOf(primary.name());
        this.sight = sight;
        this.work = work;
        this.clock = clock;
    }

    /** A standby's own end, or why it could not be asked. */
    private record Asked(
            @Nullable StandbyLook look, @Nullable String problem) {}

    /** All replicas, the furthest behind first. */
    List<Behind> look() throws SQLException {
        ReplicatingServer server = sight.look(primary, work);
        Map<Database, Asked> asked = new HashMap<>();
        List<Behind> all = new ArrayList<>();
        Set<Database> seen = new HashSet<>();
        boolean strangers = false;
        for (Replica replica : server.replicas()) {
            Database standby = standbyOf(replica, server, asked);
            if (standby != null) {
                seen.add(standby);
            } else if (replica.kind() == Replica.Kind.PHYSICAL && replica.isConnected()) {
                strangers = true;
            }
            all.add(behind(standby == null ? replica : called(standby.name(), replica), server, standby, asked));
        }
        for (Database standby : standbys) {
            // One that receives is not away because nobody can tell which of the connections is its own.
            boolean mayBeOneOfThem = strangers && receives(ask(standby, asked).look());
            if (!seen.contains(standby) && !mayBeOneOfThem) {
                away(standby, server, asked).ifPresent(all::add);
            }
        }
        all.sort(Comparator.comparing(Behind::seconds)
                .thenComparing(Behind::bytes)
                .reversed());
        return all;
    }

    private Asked ask(Database standby, Map<Database, Asked> asked) {
        return asked.computeIfAbsent(standby, database -> {
            try (Session session = database.open(work)) {
                return new Asked(StandbyLook.at(session), null);
            } catch (SQLException | OperatorException e) {
                work.throwIfCancelled();
                return new Asked(null, String.valueOf(e.getMessage()));
            }
        });
    }

    private @Nullable Database standbyOf(Replica replica, ReplicatingServer server, Map<Database, Asked> asked) {
        if (replica.kind() == Replica.Kind.LOGICAL) {
            return null;
        }
        Database named = known.get(replica.name());
        if (named != null) {
            return named;
        }
        for (Database standby : standbys) {
            if (standby.name().equals(replica.name())
                    || recognises(replica, ask(standby, asked).look())) {
                known.put(replica.name(), standby);
                return standby;
            }
        }
        boolean onlyOne = standbys.size() == 1
                && server.replicas().stream()
                                .filter(r -> r.kind() == Replica.Kind.PHYSICAL)
                                .count()
                        == 1;
        if (onlyOne && receives(ask(standbys.get(0), asked).look())) {
            known.put(replica.name(), standbys.get(0));
            return standbys.get(0);
        }
        return null;
    }

    /** One name for it whether it is connected or not, so that it is known again. */
    private static Replica called(String name, Replica replica) {
        return new Replica(
                name,
                replica.kind(),
                replica.connection(),
                replica.syncState(),
                replica.slot(),
                replica.address(),
                replica.bytes(),
                replica.seconds(),
                replica.seenAt());
    }

    private static boolean recognises(Replica replica, @Nullable StandbyLook look) {
        return look != null && !look.slot().isEmpty() && look.slot().equals(replica.slot());
    }

    private static boolean receives(@Nullable StandbyLook look) {
        return look != null && look.standby() && look.receiver() != null;
    }

    private Behind behind(
            Replica replica, ReplicatingServer server, @Nullable Database standby, Map<Database, Asked> asked) {
        Asked answer = standby == null
                ? new Asked(null, "no configured database with standbyOf '" + primary.name() + "' leads to it")
                : ask(standby, asked);
        return new Behind(
                replica,
                slot(server, replica.slot(), answer.look()),
                standby,
                answer.look(),
                answer.problem(),
                seconds(replica, answer.look()));
    }

    /** The server's own figure stands still while replay is held up; the age of what was replayed last does not. */
    private double seconds(Replica replica, @Nullable StandbyLook look) {
        if (replica.bytes().replay() == 0) {
            return 0;
        }
        if (look == null || !look.standby() || look.replayed() == null) {
            return replica.seconds();
        }
        boolean moves = !look.replayed().equals(replayed.getOrDefault(replica.name(), look.replayed()));
        replayed.put(replica.name(), look.replayed());
        return moves && replica.seconds() >= 0 ? replica.seconds() : Math.max(replica.seconds(), look.behindSeconds());
    }

    private static @Nullable ReplicationSlot slot(
            ReplicatingServer server, @Nullable String name, @Nullable StandbyLook look) {
        String wanted = name != null ? name : look == null ? "" : look.slot();
        return server.slots().stream()
                .filter(slot -> slot.name().equals(wanted))
                .findFirst()
                .orElse(null);
    }

    /** One that the primary does not know to be connected. */
    private java.util.Optional<Behind> away(Database standby, ReplicatingServer server, Map<Database, Asked> asked) {
        Asked answer = ask(standby, asked);
        StandbyLook look = answer.look();
        if (look == null || !look.standby()) {
            return java.util.Optional.empty();
        }
        long flush = distance(server.position(), look.received() == null ? look.replayed() : look.received());
        long replay = distance(server.position(), look.replayed());
        Replica replica = new Replica(
                standby.name(),
                Replica.Kind.PHYSICAL,
                Replica.DISCONNECTED,
                "",
                look.slot().isEmpty() ? null : look.slot(),
                null,
                new LagBytes(flush, flush, flush, replay),
                replay == 0 ? 0 : look.behindSeconds(),
                clock.instant());
        return java.util.Optional.of(
                new Behind(replica, slot(server, replica.slot(), look), standby, look, null, seconds(replica, look)));
    }

    private static long distance(String primary, @Nullable String replica) {
        if (replica == null) {
            return LagBytes.UNKNOWN;
        }
        return Lsn.parse(primary)
                .flatMap(here -> Lsn.parse(replica).map(here::minus))
                .map(behind -> Math.max(0, behind))
                .orElse(LagBytes.UNKNOWN);
    }
}
