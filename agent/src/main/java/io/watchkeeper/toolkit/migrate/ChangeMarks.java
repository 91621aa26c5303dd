package io.watchkeeper.toolkit.migrate;

import io.watchkeeper.postgres.AgentSchema;
import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.problem.OperatorException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.SQLException;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * What tells an applied change from one that is not, whatever Sqitch's registry says: psql commits a change in one transaction, and Sqitch
 * writes it down in another.
 *
 * <p>A script that is one transaction gets one statement more, which writes a row into {@code watchkeeper.migration_marks}: the row is
 * there just when the change is. A script that allows no transaction is marked before it is run, and whether it got through is asked of the
 * catalogue. If the process, psql, Sqitch or the connection dies in between, the mark stays, and the next migration writes down what
 * is there. A mark that Sqitch has an event for after it is out of date.
 */
final class ChangeMarks {

    static final String DEPLOY = "deploy";
    static final String REVERT = "revert";

    private static final String TABLE = "migration_marks";
    private static final String COLUMNS = """
            project text not null, change text not null, kind text not null, script_hash text not null, certain boolean not null,
            marked_at timestamptz not null default pg_catalog.clock_timestamp(), primary key (project, change, kind)""";

    private ChangeMarks() {}

    /**
     * A change that may be applied, or taken back, without Sqitch knowing.
     *
     * @param kind deploy or revert
     * @param scriptHash SHA-1 of its deploy script, in hex, as Sqitch keeps it
     * @param certain whether it is there just because the change is
     */
    record Mark(String change, String kind, String scriptHash, boolean certain) {

        boolean isDeploy() {
            return kind.equals(DEPLOY);
        }
    }

    /** Before a script is run. An older mark of it says nothing any more. Commits. */
    static void prepare(Session session, String project, Mark mark) throws SQLException {
        AgentSchema.require(session, TABLE, COLUMNS);
        clear(session, project, mark.change());
        if (!mark.certain()) {
            session.runVerbatim(insert(project, mark));
        }
    }

    /** The registry says the same now. */
    static void clear(Session session, String project, String change) throws SQLException {
        if (AgentSchema.has(session, TABLE)) {
            session.runVerbatim("delete from " + AgentSchema.NAME + "." + TABLE + " where project = "
                    + Identifiers.quoteLiteral(project) + " and change = " + Identifiers.quoteLiteral(change));
        }
    }

    /** Marks that Sqitch has written nothing down for since. */
    static List<Mark> read(Session session, String project) throws SQLException {
        if (!AgentSchema.has(session, TABLE)) {
            return List.of();
        }
        boolean hasEvents = session.one("select to_regclass('sqitch.events') is not null", row -> row.getBoolean(1));
        return session.list(
                "select m.change, m.kind, m.script_hash, m.certain from watchkeeper.migration_marks m where m.project = ?"
                        + (hasEvents
                                ? " and not exists (select from sqitch.events e where e.project = m.project"
                                        + " and e.change = m.change and e.event = m.kind and e.committed_at >= m.marked_at)"
                                : "")
                        + " order by m.marked_at",
                row -> new Mark(row.getString(1), row.getString(2), row.getString(3), row.getBoolean(4)),
                project);
    }

    private static String insert(String project, Mark mark) {
        return "INSERT INTO " + AgentSchema.NAME + "." + TABLE
                + " (project, change, kind, script_hash, certain) VALUES ("
                + Identifiers.quoteLiteral(project) + ", " + Identifiers.quoteLiteral(mark.change()) + ", "
                + Identifiers.quoteLiteral(mark.kind()) + ", " + Identifiers.quoteLiteral(mark.scriptHash()) + ", "
                + mark.certain() + ")";
    }

    /** The script as it is run: where it is one transaction, that begins with its mark, on the same line, so that messages name the right one. */
    static String marked(String text, String project, Mark mark) {
        ScriptReader.Script script = ScriptReader.read(text);
        if (!Transaction.isOne(script)) {
            return text;
        }
        int at = Transaction.begun(script);
        return text.substring(0, at) + "; " + insert(project, mark) + text.substring(at);
    }

    /**
     * Whether the change of a mark is there, or gone; empty when it is not known of a script that allows no transaction.
     *
     * @param script the one that was marked
     */
    static Optional<Boolean> isApplied(Session session, Mark mark, ScriptReader.Script script) throws SQLException {
        if (mark.certain()) {
            return Optional.of(true);
        }
        Optional<Boolean> index = LeftIndexes.isDone(session, script);
        boolean mayBeRepeated = script.statements().stream()
                .filter(statement -> !statement.isCommand())
                .allMatch(statement -> statement.startsWith("vacuum")
                        || statement.startsWith("reindex")
                        || statement.startsWith("set"));
        return index.isEmpty() && mayBeRepeated ? Optional.of(false) : index;
    }

    /** As Sqitch keeps it of a deploy script. */
    static String scriptHash(byte[] script) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-1").digest(script));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-1", e);
        }
    }

    static OperatorException unknown(String database, Mark mark) {
        boolean deploy = mark.isDeploy();
        return new OperatorException(
                "the process that was to " + (deploy ? "deploy" : "take back") + " '" + mark.change() + "' "
                        + (deploy ? "to" : "from") + " database '" + database
                        + "' died, and whether it got so far cannot be told from outside",
                "look at the database. Where it is done, in the project's folder: sqitch " + mark.kind()
                        + " --log-only …; where it is not: DELETE FROM watchkeeper.migration_marks WHERE change = "
                        + Identifiers.quoteLiteral(mark.change()) + "; then ask for the migration again.");
    }
}
