package io.watchkeeper.toolkit.migrate;

import io.watchkeeper.postgres.Session;
import io.watchkeeper.problem.OperatorException;
import java.sql.SQLException;
import java.util.List;

/** What Sqitch has written down in a database about a project: the changes that are there, in the order in which they came. */
record Registry(List<Deployed> changes) {

    /** Sqitch's own name for the schema. */
    static final String SCHEMA = "sqitch";

    /** Sqitch's own lock on a database while it works there, see its engine for PostgreSQL. */
    private static final long LOCK = 75_474_063L;

    /** @param id Sqitch's digest of the change and all before it @param scriptHash SHA-1 of the deploy script then, in hex */
    record Deployed(String id, String name, String scriptHash) {}

    Registry {
        changes = List.copyOf(changes);
    }

    static Registry read(Session session, String project) throws SQLException {
        boolean there =
                session.one("select to_regclass('" + SCHEMA + ".changes') is not null", row -> row.getBoolean(1));
        return there
                ? new Registry(session.list(
                        "select change_id, change, coalesce(script_hash, '') from sqitch.changes where project = ?"
                                + " order by committed_at, planned_at",
                        row -> new Deployed(row.getString(1), row.getString(2), row.getString(3)),
                        project))
                : new Registry(List.of());
    }

    /**
     * How many changes of the plan, from its beginning, the database has.
     *
     * @throws OperatorException when it has others than the plan begins with
     */
    int position(SqitchProject project, String database) {
        for (int i = 0; i < changes.size(); i++) {
            if (i >= project.changes().size()
                    || !project.changes().get(i).name().equals(changes.get(i).name())) {
                throw new OperatorException(
                        "database '" + database + "' has the change '"
                                + changes.get(i).name() + "' where the plan of '"
                                + project.name() + "' has "
                                + (i < project.changes().size()
                                        ? "'" + project.changes().get(i).name() + "'"
                                        : "none any more"),
                        "bring the plan that this database was deployed with; changes are only added at a plan's end.");
            }
        }
        return changes.size();
    }

    /** Whether Sqitch is at work in the database at this moment. */
    static boolean isBusy(Session session) throws SQLException {
        return session.one("""
                select exists (select from pg_locks l join pg_database d on d.oid = l.database
                                where l.locktype = 'advisory' and d.datname = current_database() and l.granted
                                  and l.classid = 0 and l.objid = ?::bigint::oid and l.objsubid = 1)""", row -> row.getBoolean(1), LOCK);
    }
}
