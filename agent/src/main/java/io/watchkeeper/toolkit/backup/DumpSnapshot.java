package io.watchkeeper.toolkit.backup;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.Lsn;
import io.watchkeeper.postgres.Progress;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.SqlStates;
import io.watchkeeper.postgres.TableLocks;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One view of the database for all that belongs to a dump: pg_dump's own sessions, the list of what it holds, and the digests that what
 * is restored is compared with.
 *
 * <p>The tables are locked before the snapshot is taken: a snapshot older than a TRUNCATE or a rewrite would see an empty table, and
 * pg_dump, which locks later, would dump it as one.
 */
final class DumpSnapshot implements AutoCloseable {

    private static final int ATTEMPTS = 3;

    private final Session session;
    private final boolean standby;
    private final SourceRelations relations;
    private final DumpContents contents;
    private final Mark mark;
    private final @Nullable String exported;

    /** Where the server was. */
    record Mark(String serverVersion, int major, long systemId, long timeline, Lsn lsn, long walSegmentSize) {}

    private DumpSnapshot(
            Session session,
            boolean standby,
            SourceRelations relations,
            DumpContents contents,
            Mark mark,
            @Nullable String exported) {
        this.session = session;
        this.standby = standby;
        this.relations = relations;
        this.contents = contents;
        this.mark = mark;
        this.exported = exported;
    }

    /**
     * Opens the view.
     *
     * @throws OperatorException when something named does not exist, may not be read, or stays locked
     */
    static DumpSnapshot open(Database database, Work work, DumpPlan plan) throws SQLException {
        Session session = database.open(work);
        try {
            session.lockTimeout(plan.lockTimeout());
            boolean standby = session.one("select pg_is_in_recovery()", row -> row.getBoolean(1));
            for (int attempt = 1; ; attempt++) {
                try {
                    return begin(session, plan, standby);
                } catch (SQLException e) {
                    // A table that was in the list was dropped before it could be locked.
                    session.rollback();
                    if (!SqlStates.UNDEFINED_TABLE.equals(e.getSQLState()) || attempt == ATTEMPTS) {
                        throw e;
                    }
                }
            }
        } catch (SQLException | RuntimeException e) {
            session.close();
            throw e;
        }
    }

    private static DumpSnapshot begin(Session session, DumpPlan plan, boolean standby) throws SQLException {
        SourceRelations listed = SourceRelations.read(session, plan.selection(), standby, false);
        listed.requireRights(
                session.database().name(), session.database().settings().user());
        long systemId = systemId(session);
        List<TableName> tables = listed.tables();
        session.begin();
        session.update("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY");
        if (!tables.isEmpty()) {
            lock(session, tables);
        }
        TableDigest.pinSettings(session);
        Mark mark = mark(session, systemId);
        SourceRelations seen = SourceRelations.read(session, plan.selection(), standby, true);
        DumpContents contents = new DumpContents(
                DatabaseLocale.read(session), schemas(session), seen.relations(), references(session, seen));
        // A standby may show a snapshot that was carried over to another session less than was committed. Where the
        // rows are
        // compared that would be found; else pg_dump takes its own.
        String exported = standby && !plan.testRestore()
                ? null
                : session.one("select pg_export_snapshot()", row -> row.getString(1));
        return new DumpSnapshot(session, standby, seen, contents, mark, exported);
    }

    private static void lock(Session session, List<TableName> tables) throws SQLException {
        try {
            session.runVerbatim("LOCK TABLE ONLY "
                    + tables.stream().map(TableName::quoted).collect(Collectors.joining(", ONLY "))
                    + " IN ACCESS SHARE MODE");
        } catch (SQLException e) {
            session.rollback();
            if (SqlStates.LOCK_NOT_AVAILABLE.equals(e.getSQLState())) {
                throw TableLocks.explain(session, tables, e);
            }
            throw e;
        }
    }

    /** 0 where the role may not read it. */
    private static long systemId(Session session) throws SQLException {
        boolean may = session.one(
                "select has_function_privilege('pg_control_system()', 'execute')", row -> row.getBoolean(1));
        return may ? session.one("select system_identifier from pg_control_system()", row -> row.getLong(1)) : 0;
    }

    private static Mark mark(Session session, long systemId) throws SQLException {
        return session.oneVerbatim(
                """
                select current_setting('server_version'), current_setting('server_version_num')::int / 10000,
                       case when pg_is_in_recovery() then coalesce((select received_tli from pg_stat_wal_receiver), 0)
                            else ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int end,
                       case when pg_is_in_recovery() then pg_last_wal_replay_lsn() else pg_current_wal_lsn() end::text,
                       pg_size_bytes(current_setting('wal_segment_size'))""",
                row -> new Mark(
                        row.getString(1).split(" ", 2)[0],
                        row.getInt(2),
                        systemId,
                        row.getLong(3),
                        Lsn.parse(row.getString(4)).orElseThrow(),
                        row.getLong(5)));
    }

    private static Map<Long, String> schemas(Session session) throws SQLException {
        Map<Long, String> schemas = new LinkedHashMap<>();
        session.list(
                "select oid::bigint, nspname from pg_namespace where nspname !~ '^pg_'",
                row -> schemas.put(row.getLong(1), row.getString(2)));
        return schemas;
    }

    private static List<DumpContents.Reference> references(Session session, SourceRelations relations)
            throws SQLException {
        List<Long> oids =
                relations.relations().stream().map(DumpedRelation::oid).toList();
        return session.list(
                """
                select r.oid::bigint, r.conrelid::bigint, r.confrelid::bigint, n.nspname, c.relname
                  from pg_constraint r join pg_class c on c.oid = r.confrelid join pg_namespace n on n.oid = c.relnamespace
                 where r.contype = 'f' and r.conrelid = any(?::bigint[]) order by r.oid""",
                row -> new DumpContents.Reference(
                        row.getLong(1), row.getLong(2), row.getLong(3), row.getString(4), row.getString(5)),
                oids);
    }

    boolean isStandby() {
        return standby;
    }

    DumpContents contents() {
        return contents;
    }

    Mark mark() {
        return mark;
    }

    /** What makes pg_dump take just what is meant, in this view where it can. */
    List<String> arguments() {
        List<String> arguments = new ArrayList<>(relations.arguments());
        Optional.ofNullable(exported).ifPresent(name -> arguments.add("--snapshot=" + name));
        return arguments;
    }

    /** Whether the role may read the hashes of passwords, which pg_dumpall wants. */
    boolean mayReadPasswords() throws SQLException {
        return session.one("select has_table_privilege('pg_catalog.pg_authid', 'select')", row -> row.getBoolean(1));
    }

    /** Digests the rows of all tables of the dump, as this view has them. */
    DumpContents digested(String subject) throws SQLException {
        List<DumpedRelation> tables = contents.withRows();
        Map<Long, TableDigest> digests = new LinkedHashMap<>();
        for (DumpedRelation table : tables) {
            session.work().progress(new Progress(subject, "digest", digests.size(), tables.size(), 0));
            digests.put(table.oid(), TableDigest.read(session, table.tableName()));
        }
        return contents.withDigests(digests);
    }

    @Override
    public void close() throws SQLException {
        session.close();
    }
}
