package io.watchkeeper.toolkit.remedy;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import java.util.Objects;

/**
 * Takes one recorded change back, whether it was made or not: the record is older than the change, and what dies in between leaves
 * a record of nothing.
 */
final class RemedyRevert {

    private final Collection<Database> databases;
    private final Work work;

    /** @param databases all configured ones: the server may be found by another name after a failover */
    RemedyRevert(Collection<Database> databases, Work work) {
        this.databases = List.copyOf(databases);
        this.work = work;
    }

    /**
     * How it ended.
     *
     * @param settled whether nothing is left to do; the record stays otherwise
     * @param changed whether something was put back at all
     */
    record Outcome(boolean settled, boolean changed, String words) {}

    Outcome revert(RemedyRecord record) {
        if (record.kind() == RemedyRecord.Kind.DEED) {
            return new Outcome(true, false, record.name() + " needs no taking back");
        }
        String why = "'" + record.database() + "' leads to another server now";
        for (Database database : candidates(record)) {
            try (Session session = database.open(work)) {
                if (ServerIdentity.of(session).equals(record.server())) {
                    return record.kind() == RemedyRecord.Kind.SETTING
                            ? setting(session, record)
                            : LeftoverIndexes.drop(session, record);
                }
            } catch (SQLException | OperatorException e) {
                if (database.name().equals(record.database())) {
                    why = String.valueOf(e.getMessage());
                }
            }
        }
        return new Outcome(
                false,
                false,
                record.name() + " on " + record.server().address() + " (" + record.database()
                        + ") is not taken back yet: " + why);
    }

    /** The recorded name first; a server that is found by it is asked nothing else. */
    private List<Database> candidates(RemedyRecord record) {
        return databases.stream()
                .filter(d -> d.name().equals(record.database()) || isOfSameCluster(d, record))
                .sorted((a, b) -> Boolean.compare(
                        b.name().equals(record.database()), a.name().equals(record.database())))
                .toList();
    }

    private static boolean isOfSameCluster(Database database, RemedyRecord record) {
        return database.name().equals(record.primary())
                || record.primary().equals(database.settings().standbyOf());
    }

    private static Outcome setting(Session session, RemedyRecord record) throws SQLException {
        String name = record.name();
        String where = " on '" + record.database() + "'";
        String present = ServerSetting.own(session, name);
        if (record.now().equals(present)) {
            ServerSetting.write(session, name, record.was());
            return new Outcome(true, true, name + where + " is as it was before: " + say(record.was()));
        }
        if (Objects.equals(record.was(), present)) {
            // Never made, or put back by somebody who died before the server was told.
            ServerSetting.reload(session);
            return new Outcome(true, false, name + where + " was as before already: " + say(record.was()));
        }
        return new Outcome(
                true,
                false,
                name + where + " was changed to " + say(present) + " by somebody since it was set to '" + record.now()
                        + "'; it is left as it is");
    }

    private static String say(@org.jspecify.annotations.Nullable String value) {
        return value == null ? "not set by ALTER SYSTEM" : "'" + value + "'";
    }
}
