package io.watchkeeper.toolkit.migrate;

import io.watchkeeper.postgres.Session;
import io.watchkeeper.problem.OperatorException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The changes of a project that a database has, in the order in which they came: what Sqitch has written down, put right by a mark that it
 * has not caught up with.
 *
 * @param unregistered a change that is there, or gone, without Sqitch knowing; empty nearly always
 */
record Registry(List<Deployed> changes, Optional<ChangeMarks.Mark> unregistered) {

    /** Sqitch's own name for the schema. */
    static final String SCHEMA = "sqitch";

    /** Sqitch's own lock on a database while it works there, see its engine for PostgreSQL. */
    private static final long LOCK = 75_474_063L;

    /** @param scriptHash SHA-1 of the deploy script then, in hex */
    record Deployed(String name, String scriptHash) {}

    Registry {
        changes = List.copyOf(changes);
    }

    /** @throws OperatorException when it cannot be told how far a process got that died, or what it did does not fit */
    static Registry read(Session session, SqitchProject project) throws SQLException {
        boolean there =
                session.one("select to_regclass('" + SCHEMA + ".changes') is not null", row -> row.getBoolean(1));
        List<Deployed> written = there
                ? session.list(
                        "select change, coalesce(script_hash, '') from sqitch.changes where project = ?"
                                + " order by committed_at, planned_at",
                        row -> new Deployed(row.getString(1), row.getString(2)),
                        project.name())
                : List.of();
        for (ChangeMarks.Mark mark : ChangeMarks.read(session, project.name())) {
            Optional<SqitchChange> next = concerned(project, written, mark);
            if (next.isPresent() && isApplied(session, project, next.get(), mark)) {
                return new Registry(putRight(written, mark), Optional.of(mark));
            }
        }
        return new Registry(written, Optional.empty());
    }

    /** The change of the plan that a mark can be about, where the registry does not say the same already. */
    private static Optional<SqitchChange> concerned(
            SqitchProject project, List<Deployed> written, ChangeMarks.Mark mark) {
        int at = mark.isDeploy() ? written.size() : written.size() - 1;
        return at >= 0
                        && at < project.changes().size()
                        && project.changes().get(at).name().equals(mark.change())
                ? Optional.of(project.changes().get(at))
                : Optional.empty();
    }

    private static boolean isApplied(Session session, SqitchProject project, SqitchChange change, ChangeMarks.Mark mark)
            throws SQLException {
        ScriptReader.Script script =
                ScriptReader.read(project.script(mark.kind(), change).orElse(""));
        String database = session.database().name();
        boolean applied =
                ChangeMarks.isApplied(session, mark, script).orElseThrow(() -> ChangeMarks.unknown(database, mark));
        String now = project.bytes(ChangeMarks.DEPLOY, change)
                .map(ChangeMarks::scriptHash)
                .orElse("");
        if (applied && mark.isDeploy() && !now.equals(mark.scriptHash())) {
            throw new OperatorException(
                    "database '" + database + "' has the change '" + change.reference()
                            + "' from a script with SHA-1 " + mark.scriptHash()
                            + ", which the registry does not say yet because the process died that deployed it, and "
                            + SqitchProject.path(ChangeMarks.DEPLOY, change) + " is another one now",
                    "put that script back and ask for the migration again. Or, when the database has what the new one makes,"
                            + " in the project's folder: sqitch deploy --log-only --to-change " + change.reference());
        }
        return applied;
    }

    private static List<Deployed> putRight(List<Deployed> written, ChangeMarks.Mark mark) {
        List<Deployed> right = new ArrayList<>(written);
        if (mark.isDeploy()) {
            right.add(new Deployed(mark.change(), mark.scriptHash()));
        } else {
            right.remove(right.size() - 1);
        }
        return right;
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

    /** How often a change of the project was deployed to the database or taken back from it, whatever it has of them now. */
    long turns(Session session, SqitchProject project) throws SQLException {
        boolean there =
                session.one("select to_regclass('" + SCHEMA + ".events') is not null", row -> row.getBoolean(1));
        long written = there
                ? session.one(
                        "select count(*) from sqitch.events where project = ? and event in ('deploy', 'revert')",
                        row -> row.getLong(1),
                        project.name())
                : 0;
        return written + (unregistered.isPresent() ? 1 : 0);
    }

    /** Whether Sqitch is at work in the database at this moment. */
    static boolean isBusy(Session session) throws SQLException {
        return session.one("""
                select exists (select from pg_locks l join pg_database d on d.oid = l.database
                                where l.locktype = 'advisory' and d.datname = current_database() and l.granted
                                  and l.classid = 0 and l.objid = ?::bigint::oid and l.objsubid = 1)""", row -> row.getBoolean(1), LOCK);
    }
}
