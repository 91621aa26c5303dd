package io.watchkeeper.toolkit.standby;

import io.watchkeeper.postgres.FailureClass;
import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.SqlStates;
import io.watchkeeper.problem.OperatorException;
import java.sql.SQLException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The physical slot by which the primary keeps its log for a standby. */
final class StandbySlot {

    private static final int TENTHS_TO_END = 100;

    private static final String FIND = """
            select s.slot_type = 'physical', s.active, coalesce(to_jsonb(s)->>'wal_status', ''), r.application_name,
                   host(r.client_addr), s.active_pid, s.restart_lsn is not null
              from pg_replication_slots s left join pg_stat_replication r on r.pid = s.active_pid
             where s.slot_name = ?""";

    private final Session session;
    private final String name;

    /**
     * @param status {@code reserved}, {@code extended}, {@code unreserved}, {@code lost}, or empty
     * @param hasLog whether it keeps any
     * @param user who reads it by application_name; null for nobody
     */
    record Found(
            boolean physical,
            boolean active,
            String status,
            @Nullable String user,
            @Nullable String address,
            int pid,
            boolean hasLog) {

        /** Whether log that the standby needs may be gone. */
        boolean isLost() {
            return status.equals("lost");
        }
    }

    StandbySlot(Session session, String name) {
        this.session = session;
        this.name = name;
    }

    Optional<Found> find() throws SQLException {
        return session
                .list(
                        FIND,
                        row -> new Found(
                                row.getBoolean(1),
                                row.getBoolean(2),
                                row.getString(3),
                                row.getString(4),
                                row.getString(5),
                                row.getInt(6),
                                row.getBoolean(7)),
                        name)
                .stream()
                .findFirst();
    }

    /**
     * Sees to it that the slot is there.
     *
     * @throws OperatorException when it is somebody else's, or of no use any more
     */
    void ensure(StandbyDraft draft) throws SQLException {
        Optional<Found> found = find();
        if (found.isEmpty()) {
            draft.record(record -> record.withSlotMade(true));
            create();
            draft.did(StandbyStep.SLOT, "made slot " + name);
            return;
        }
        Found slot = found.get();
        if (!slot.physical()) {
            throw new OperatorException(
                    "slot " + name + " of '" + database() + "' is a logical one",
                    "give the standby another: slot '…'.");
        }
        if (slot.active() && !draft.record().name().equals(slot.user())) {
            throw new OperatorException(
                    "slot " + name + " of '" + database() + "' is in use by '" + slot.user() + "' at " + slot.address()
                            + " (pid " + slot.pid() + ")",
                    "another standby reads it: give this one a slot of its own, slot '…'.");
        }
        draft.found(StandbyStep.SLOT, "slot " + name + (draft.record().slotMade() ? " was made before" : " was there"));
    }

    private void create() throws SQLException {
        try {
            session.query("select pg_create_physical_replication_slot(?, true)", name);
        } catch (SQLException e) {
            String state = FailureClass.sqlState(e).orElse("");
            String user = session.database().settings().user();
            if (state.equals(SqlStates.INSUFFICIENT_PRIVILEGE)) {
                throw new OperatorException(
                        "role '" + user + "' may not make slots on '" + database() + "'",
                        "as a superuser there: ALTER ROLE " + Identifiers.quote(user) + " REPLICATION.",
                        e);
            }
            if (state.equals("53400")) {
                throw new OperatorException(
                        "'" + database() + "' has no slot left for the standby",
                        "raise max_replication_slots there (it needs a restart), or drop a slot that nobody uses.",
                        e);
            }
            throw e;
        }
    }

    /** Ends a connection of our own by it that the server has not noticed is dead, or that a killed agent has left. */
    void release(String ownName) throws SQLException {
        Optional<Found> slot = find();
        if (slot.isEmpty() || !slot.get().active() || !ownName.equals(slot.get().user())) {
            return;
        }
        session.query("select pg_terminate_backend(?::int)", slot.get().pid());
        for (int i = 0; i < TENTHS_TO_END; i++) {
            if (find().filter(Found::active).isEmpty()) {
                return;
            }
            session.query("select pg_sleep(0.1)");
        }
    }

    /** Makes it again, from the present end of the log on. */
    void renew() throws SQLException {
        if (find().isPresent()) {
            session.query("select pg_drop_replication_slot(?)", name);
        }
        create();
    }

    /** @return what there is to say about it */
    String drop(String ownName) throws SQLException {
        release(ownName);
        Optional<Found> slot = find();
        if (slot.isEmpty()) {
            return "";
        }
        if (slot.get().active()) {
            return "slot " + name + " stays: '" + slot.get().user() + "' reads it";
        }
        session.query("select pg_drop_replication_slot(?)", name);
        return "dropped slot " + name;
    }

    private String database() {
        return session.database().name();
    }
}
