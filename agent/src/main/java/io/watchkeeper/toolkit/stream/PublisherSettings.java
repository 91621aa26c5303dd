package io.watchkeeper.toolkit.stream;

import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.problem.OperatorException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * What a server and its role must have to publish.
 *
 * @param walLevel as set
 * @param standby whether the server takes no writes
 * @param mayReplicate whether the role may read slots
 * @param superuser whether the role is a superuser
 * @param mayCreate whether the role may make publications in this database
 * @param freeSlots how many more slots there may be
 * @param keepMegabytes how much log slots may keep; -1 for any amount
 */
record PublisherSettings(
        String walLevel,
        boolean standby,
        boolean mayReplicate,
        boolean superuser,
        boolean mayCreate,
        int freeSlots,
        long keepMegabytes) {

    static PublisherSettings read(Session session) throws SQLException {
        return session.one(
                """
                select current_setting('wal_level'), pg_is_in_recovery(), rolreplication or rolsuper, rolsuper,
                       has_database_privilege(current_database(), 'CREATE'),
                       current_setting('max_replication_slots')::int - (select count(*)::int from pg_replication_slots),
                       (select setting::bigint from pg_settings where name = 'max_slot_wal_keep_size')
                  from pg_roles where rolname = current_user""",
                row -> new PublisherSettings(
                        row.getString(1),
                        row.getBoolean(2),
                        row.getBoolean(3),
                        row.getBoolean(4),
                        row.getBoolean(5),
                        row.getInt(6),
                        row.getLong(7)));
    }

    /** @throws OperatorException when the server cannot publish */
    void requireLogical(Session session) {
        String name = session.database().name();
        if (standby) {
            throw new OperatorException(
                    "database '" + name + "' is a standby, and publishes nothing of its own",
                    "publish from its primary, or add ?targetServerType=primary and all hosts to databases." + name
                            + ".url.");
        }
        if (!walLevel.equals("logical")) {
            throw new OperatorException(
                    "the server of database '" + name + "' has wal_level = " + walLevel
                            + ", and streaming reads what only wal_level = logical writes",
                    "ALTER SYSTEM SET wal_level = 'logical'; there, and restart it.");
        }
    }

    /** @throws OperatorException when the role cannot have a slot made and read */
    void requireSlots(Session session) {
        String name = session.database().name();
        String user = Identifiers.quote(session.database().settings().user());
        if (!mayReplicate) {
            throw new OperatorException(
                    "role '" + session.database().settings().user() + "' of database '" + name + "' may not replicate",
                    "as a superuser there: ALTER ROLE " + user + " REPLICATION;");
        }
        if (freeSlots <= 0) {
            throw new OperatorException(
                    "the server of database '" + name + "' has no replication slot left (max_replication_slots)",
                    "drop one that nobody reads (SELECT slot_name, active FROM pg_replication_slots;), or raise"
                            + " max_replication_slots and restart it.");
        }
    }

    /** What the slot guard says of the settings. */
    List<String> warnings(String database) {
        List<String> warnings = new ArrayList<>();
        if (keepMegabytes < 0) {
            warnings.add("slots of '" + database
                    + "' may keep log without limit (max_slot_wal_keep_size = -1), until its disk is"
                    + " full. HINT: ALTER SYSTEM SET max_slot_wal_keep_size = '20GB'; SELECT pg_reload_conf(); with a size that"
                    + " its disk has to spare: a subscriber that is away for longer goes on by polling.");
        }
        return warnings;
    }
}
