package io.watchkeeper.toolkit.wal;

import io.watchkeeper.postgres.FailureClass;
import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.SqlStates;
import io.watchkeeper.problem.OperatorException;
import java.sql.SQLException;
import java.util.Objects;

/** The physical slot by which the server keeps its log for the archive. */
record WalSlot(Session session, String name) {

    /** A connection that was told to end needs a moment. */
    private static final int TENTHS_TO_END = 50;

    /**
     * Sees to it that the slot is there and free for our receiver.
     *
     * @return whether it had to be made
     * @throws OperatorException when it is somebody else's
     */
    boolean ensure(ServerWal server, ArchiveRecord record) throws SQLException {
        ServerWal.Slot slot = server.slot();
        if (slot != null && !slot.physical()) {
            throw new OperatorException(
                    "slot " + name + " of '" + database() + "' is a logical one",
                    "give the archive's slot another name: walArchive('" + database() + "') { slot '…' }.");
        }
        if (slot != null && slot.isActive()) {
            release(slot, record.applicationName());
        }
        if (slot != null && slot.isLost()) {
            drop(record.applicationName());
            slot = null;
        }
        if (slot == null) {
            create();
            return true;
        }
        return false;
    }

    /** Ends a connection of our own that the server has not noticed is dead; nobody else's. */
    private void release(ServerWal.Slot slot, String ownName) throws SQLException {
        if (!ownName.equals(slot.servedTo())) {
            throw new OperatorException(
                    "slot " + name + " of '" + database() + "' is in use by '" + slot.servedTo() + "' at "
                            + slot.address() + " (pid " + slot.pid() + ")",
                    "another host or archive receives by it: give this one a slot of its own, walArchive('" + database()
                            + "') { slot '…' }, or end the other.");
        }
        session.query("select pg_terminate_backend(?::int)", slot.pid());
        for (int i = 0; i < TENTHS_TO_END; i++) {
            if (session.query("select 1 from pg_replication_slots where slot_name = ? and active", name)
                    .isEmpty()) {
                return;
            }
            session.query("select pg_sleep(0.1)");
        }
    }

    void create() throws SQLException {
        try {
            session.query("select pg_create_physical_replication_slot(?, true)", name);
        } catch (SQLException e) {
            String user = session.database().settings().user();
            String state = FailureClass.sqlState(e).orElse("");
            if (state.equals(SqlStates.INSUFFICIENT_PRIVILEGE)) {
                throw new OperatorException(
                        "role '" + user + "' of '" + database() + "' may not receive its log",
                        "as a superuser there: ALTER ROLE " + Identifiers.quote(user)
                                + " REPLICATION; and in pg_hba.conf: host replication " + user
                                + " <this host> scram-sha-256",
                        e);
            }
            if (state.equals("53400")) {
                throw new OperatorException(
                        "'" + database() + "' has no slot left for the archive",
                        "raise max_replication_slots there (it needs a restart), or drop a slot that nobody uses.",
                        e);
            }
            throw e;
        }
    }

    /** Drops it, whoever has it of our own; nothing happens when there is none. */
    void drop(String ownName) throws SQLException {
        ServerWal.Slot slot = ServerWal.read(session, name).slot();
        if (slot == null) {
            return;
        }
        if (slot.isActive()) {
            release(slot, ownName);
        }
        session.query("select pg_drop_replication_slot(?)", name);
    }

    private String database() {
        return Objects.requireNonNull(session.database().name());
    }
}
