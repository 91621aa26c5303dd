package io.watchkeeper.toolkit.backup;

import io.watchkeeper.postgres.AgentSchema;
import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.PgBinaries;
import io.watchkeeper.postgres.PgCommand;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.units.Bytes;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * A scratch database on the same server with the schema of another, and its rows if asked for; dropped when it is closed, or by the next
 * {@link ScratchDatabases#sweep} when the process died. Nothing in it leads outward: there are no subscriptions, publications, event triggers,
 * logins for foreign servers, nor the agent's own records.
 */
public final class SchemaCopy implements AutoCloseable {

    private static final String LOCK_WAIT = "--lock-wait-timeout=10s";

    private final ScratchDatabase scratch;
    private final DatabasePools pools;
    private final Database source;

    private SchemaCopy(ScratchDatabase scratch, Database source) {
        this.scratch = scratch;
        this.pools = scratch.open();
        this.source = source;
    }

    /**
     * Makes one.
     *
     * @param rows whether the tables get their rows; without, only those of the schemas that are named
     * @param withRows schemas whose rows are copied in any case
     * @throws OperatorException when the server is a standby, the role may not make databases, or there is no room
     */
    public static SchemaCopy of(
            BackupSettings settings, Database source, boolean rows, List<String> withRows, Work work)
            throws SQLException {
        DumpProof.require(source, work);
        ScratchDatabases all = new ScratchDatabases(settings);
        all.sweep(List.of(source));
        DatabaseLocale locale;
        long bytes;
        int major;
        List<String> named;
        try (Session session = source.open(work)) {
            locale = DatabaseLocale.read(session);
            bytes = rows ? session.one("select pg_database_size(current_database())", row -> row.getLong(1)) : 0;
            major = session.one("select current_setting('server_version_num')::int / 10000", row -> row.getInt(1));
            named = session.list(
                    "select nspname from pg_namespace where nspname = any (?::text[])",
                    row -> row.getString(1),
                    withRows);
        }
        SchemaCopy copy = new SchemaCopy(all.make(source, work, locale, true, Bytes.of(bytes)), source);
        try {
            copy.fill(settings, major, rows ? List.of() : List.of("--schema-only"), work);
            if (!rows && !named.isEmpty()) {
                List<String> chosen = new ArrayList<>(List.of("--data-only"));
                named.forEach(schema -> chosen.add("--schema=" + Identifiers.quote(schema)));
                copy.fill(settings, major, chosen, work);
            }
            copy.shut(work);
            return copy;
        } catch (SQLException | RuntimeException e) {
            copy.close();
            throw e;
        }
    }

    /** The copy, under the name of the configured database that it is one of. */
    public Database database() {
        return pools.database(source.name());
    }

    private void fill(BackupSettings settings, int major, List<String> what, Work work) {
        PgCommand from = PgCommand.of(PgBinaries.forClient(settings.bin(), major, "pg_dump"))
                .arguments("--no-owner", "--no-subscriptions", "--no-publications", "--no-security-labels")
                .arguments("--exclude-schema=" + AgentSchema.NAME, LOCK_WAIT)
                .arguments(what.toArray(String[]::new))
                .arguments("--no-password", "--dbname=" + PgCommand.linkOptions())
                .connect(source.settings(), work.applicationName());
        PgCommand to = PgCommand.of(PgBinaries.forClient(settings.bin(), major, "psql"))
                .arguments("--no-psqlrc", "--quiet", "--no-password", "--set=ON_ERROR_STOP=1", "--file=-")
                .arguments("--dbname=" + PgCommand.linkOptions())
                .connect(database().settings(), work.applicationName());
        DumpLoader.run(List.of(from, to), DumpProgress.NONE, new ArrayList<>(), work);
    }

    /** Shuts what leads outward. */
    private void shut(Work work) throws SQLException {
        try (Session inside = database().open(work)) {
            for (String trigger : inside.list("select evtname from pg_event_trigger", row -> row.getString(1))) {
                inside.runVerbatim("DROP EVENT TRIGGER " + Identifiers.quote(trigger));
            }
            for (String mapping : inside.list(
                    "select 'DROP USER MAPPING FOR ' || case when umuser = 0 then 'PUBLIC' else quote_ident(usename) end"
                            + " || ' SERVER ' || quote_ident(srvname) from pg_user_mappings",
                    row -> row.getString(1))) {
                inside.runVerbatim(mapping);
            }
        }
    }

    /** Drops it. */
    @Override
    public void close() {
        pools.close();
        scratch.close();
    }
}
