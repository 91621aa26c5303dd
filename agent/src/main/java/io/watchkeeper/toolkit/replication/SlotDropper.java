package io.watchkeeper.toolkit.replication;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.LockLevel;
import io.watchkeeper.postgres.PlannedAction;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.SqlStates;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.replicas.Replica;
import io.watchkeeper.replicas.ReplicatingServer;
import io.watchkeeper.replicas.ReplicationSlot;
import io.watchkeeper.units.Bytes;
import io.watchkeeper.units.DurationText;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Drops slots that nobody will read again, before the log that they keep fills the disk. A slot that is read, of an archive, of a
 * failover manager, or of a standby that is merely away, is not one of them.
 */
public final class SlotDropper {

    /** Decided and dropped by one statement: a reader that came back meanwhile has moved the slot, or has it. */
    private static final String DROP = """
            select pg_drop_replication_slot(slot_name)
              from pg_replication_slots
             where slot_name = ? and not active and not temporary
               and coalesce(restart_lsn::text, '') = ? and coalesce(confirmed_flush_lsn::text, '') = ?""";

    /** Slots that failover managers make and drop themselves. */
    private static final Map<NameGlob, String> MANAGED = Map.of(
            new NameGlob("pgautofailover_standby_*"), "pg_auto_failover",
            new NameGlob("repmgr_slot_*"), "repmgr");

    private final ReplicationSight sight;
    private final Database database;
    private final Work work;
    private final Function<ReplicationSlot, Optional<String>> manager;

    /** Where no failover manager looks after the server. */
    public SlotDropper(ReplicationSight sight, Database database, Work work) {
        this(sight, database, work, slot -> Optional.empty());
    }

    /** @param manager says which failover manager a slot is of, by its name */
    public SlotDropper(
            ReplicationSight sight, Database database, Work work, Function<ReplicationSlot, Optional<String>> manager) {
        this.sight = sight;
        this.database = database;
        this.work = work;
        this.manager = manager;
    }

    /** What would be done now. */
    public SlotDropResult decide(SlotDropPlan plan) throws SQLException {
        return decide(plan, sight.look(database, work));
    }

    private SlotDropResult decide(SlotDropPlan plan, ReplicatingServer server) {
        return new SlotDropResult(
                server.database(),
                server.slots().stream().map(slot -> decide(plan, server, slot)).toList());
    }

    private SlotDecision decide(SlotDropPlan plan, ReplicatingServer server, ReplicationSlot slot) {
        String reader = sight.readerOf(server.database(), slot.name()).orElse(null);
        if (slot.active()) {
            return SlotDecision.stays(slot, "somebody reads it", reader);
        }
        if (plan.isKept(slot.name())) {
            return SlotDecision.stays(slot, "it is on the keep list", reader);
        }
        Duration inactive =
                slot.inactiveSince() == null ? Duration.ZERO : Duration.between(slot.inactiveSince(), server.at());
        if (inactive.compareTo(plan.inactiveFor()) < 0) {
            return SlotDecision.stays(
                    slot,
                    "nobody reads it for " + DurationText.say(inactive) + ", less than "
                            + DurationText.say(plan.inactiveFor()),
                    reader);
        }
        Bytes retained = Bytes.of(slot.retainedBytes());
        Bytes budget = plan.budgetOf(slot.name()).orElse(null);
        String why = "nobody reads it for " + DurationText.say(inactive) + ", and it keeps " + retained + " of log";
        if (budget != null) {
            return retained.compareTo(budget) <= 0
                    ? SlotDecision.stays(slot, "it keeps " + retained + " of its budget of " + budget, reader)
                    : drop(server, slot, why + ", more than its budget of " + budget, reader);
        }
        String owner = owner(slot, reader);
        if (owner != null) {
            return SlotDecision.stays(slot, "it is " + owner + ", for which no budget is set", reader);
        }
        return retained.compareTo(plan.retaining()) < 0
                ? SlotDecision.stays(slot, "it keeps " + retained + ", less than " + plan.retaining(), reader)
                : drop(server, slot, why + ", at least " + plan.retaining(), reader);
    }

    /** Whose it is that must not lose it for being away; null when it is nobody's that is known. */
    private @Nullable String owner(ReplicationSlot slot, @Nullable String reader) {
        Optional<String> asked = manager.apply(slot);
        if (asked.isPresent()) {
            return asked.get() + "'s";
        }
        for (Map.Entry<NameGlob, String> managed : MANAGED.entrySet()) {
            if (managed.getKey().matches(slot.name())) {
                return managed.getValue() + "'s";
            }
        }
        if (reader != null) {
            return "that of '" + reader + "'";
        }
        return slot.name().startsWith(ReplicaNames.slotOf("")) ? "an agent's own" : null;
    }

    private static SlotDecision drop(
            ReplicatingServer server, ReplicationSlot slot, String reason, @Nullable String reader) {
        String who = reader == null ? "its reader" : "'" + reader + "'";
        String consequence = slot.kind() == Replica.Kind.LOGICAL
                ? "The subscription of " + who
                        + " cannot go on: provisionSubscription there gives its tables back to polling, or"
                        + " begins a new stream by handover."
                : who.substring(0, 1).toUpperCase(Locale.ROOT) + who.substring(1)
                        + " can go on only from archived log: without restore_command it must be made anew by provisionStandby from '"
                        + server.database() + "'.";
        return new SlotDecision(slot, true, reason, consequence, reader);
    }

    /**
     * Drops what is to be dropped.
     *
     * @return with the slots that were dropped; one that changed at the last moment, or that another agent dropped first, is not one
     * @throws OperatorException when the role may not drop slots
     */
    public SlotDropResult drop(SlotDropPlan plan) throws SQLException {
        try (Session session = database.open(work)) {
            List<SlotDecision> done = new ArrayList<>();
            Map<String, ServerLook.Slot> places = places(session);
            SlotDropResult planned = decide(plan, sight.look(session));
            for (SlotDecision decision : planned.decisions()) {
                ServerLook.Slot place = places.get(decision.name());
                done.add(decision.drop() && place != null ? drop(session, decision, place) : decision);
            }
            if (done.stream().anyMatch(SlotDecision::drop)) {
                sight.look(session);
            }
            return new SlotDropResult(database.name(), done);
        }
    }

    /** Where slots stand, read before anything is decided about them: one that moves afterwards is not dropped. */
    private static Map<String, ServerLook.Slot> places(Session session) throws SQLException {
        Map<String, ServerLook.Slot> places = new TreeMap<>();
        ServerLook.at(session).slots().forEach(slot -> places.put(slot.name(), slot));
        return places;
    }

    private SlotDecision drop(Session session, SlotDecision decision, ServerLook.Slot place) throws SQLException {
        try {
            boolean dropped = !session.list(
                            DROP, row -> true, decision.name(), text(place.restart()), text(place.confirmed()))
                    .isEmpty();
            return dropped
                    ? decision
                    : SlotDecision.stays(
                            decision.slot(),
                            "it was read, or dropped by somebody else, at the last moment",
                            decision.reader());
        } catch (SQLException e) {
            String state = e.getSQLState();
            if (SqlStates.OBJECT_IN_USE.equals(state) || SqlStates.UNDEFINED_OBJECT.equals(state)) {
                return SlotDecision.stays(
                        decision.slot(),
                        "it was read, or dropped by somebody else, at the last moment",
                        decision.reader());
            }
            if (SqlStates.INSUFFICIENT_PRIVILEGE.equals(state)) {
                String user = database.settings().user();
                throw new OperatorException(
                        "role '" + user + "' may not drop slots of database '" + database.name() + "'",
                        "ALTER ROLE " + Identifiers.quote(user) + " REPLICATION;",
                        e);
            }
            throw e;
        }
    }

    private static String text(@Nullable Object lsn) {
        return lsn == null ? "" : lsn.toString();
    }

    /** What a dry run says of each slot. */
    public static List<PlannedAction> describe(SlotDropResult decided) {
        List<PlannedAction> actions = new ArrayList<>();
        for (SlotDecision decision : decided.decisions()) {
            String slot = "'" + decision.name().replace("'", "''") + "'";
            actions.add(new PlannedAction(
                    decided.database(),
                    decision.drop() ? "SELECT pg_drop_replication_slot(" + slot + ")" : "-- slot " + slot + " stays",
                    LockLevel.NONE,
                    -1,
                    decision.slot().retainedBytes(),
                    decision.reason() + (decision.consequence().isEmpty() ? "" : ". " + decision.consequence())));
        }
        if (actions.isEmpty()) {
            actions.add(new PlannedAction(decided.database(), "-- there are no slots", LockLevel.NONE, -1, -1, ""));
        }
        return actions;
    }
}
