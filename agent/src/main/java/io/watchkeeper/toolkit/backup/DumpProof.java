package io.watchkeeper.toolkit.backup;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.PgBinaries;
import io.watchkeeper.postgres.PgCommand;
import io.watchkeeper.postgres.Progress;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.units.Bytes;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Restores a dump into a scratch database and compares every table with what was dumped.
 *
 * <p>Nothing of it acts on anything else: subscriptions, publications and event triggers are left out, and materialised views are not
 * filled, because they may read foreign tables. Owners and grants are left out too: they are about roles, not rows. Plain SQL can only be
 * run as it is; its subscriptions are made without a connection and dropped without their slots.
 */
final class DumpProof {

    /** What may act on others, or needs what only the source has. */
    private static final Set<String> LEFT_OUT = Set.of(
            "EVENT TRIGGER",
            "SUBSCRIPTION",
            "SUBSCRIPTION TABLE",
            "PUBLICATION",
            "PUBLICATION TABLE",
            "PUBLICATION TABLES IN SCHEMA",
            "MATERIALIZED VIEW DATA",
            "DATABASE",
            "DATABASE PROPERTIES",
            "COMMENT",
            "SECURITY LABEL",
            "POLICY");

    /** Of a part of a database, code may refer to what is not in it. */
    private static final Set<String> LEFT_OUT_OF_PARTS = Set.of("TRIGGER", "RULE", "MATERIALIZED VIEW DATA", "POLICY");

    /** Failures that say nothing about the dump. */
    private static final Pattern NOT_ITS_FAULT = Pattern.compile(
            "permission denied|must be (?:superuser|owner|member)|must be able to SET ROLE|role .* does not exist"
                    + "|server closed the connection|could not connect|connection to server|terminating connection"
                    + "|No space left|is not available|could not open extension control file|out of memory"
                    + "|exit status (?:130|137|143)");

    private final Database source;
    private final Database server;
    private final Catalogue catalogue;
    private final BackupSettings settings;
    private final Work work;

    DumpProof(Database source, Database server, Catalogue catalogue, BackupSettings settings, Work work) {
        this.source = source;
        this.server = server;
        this.catalogue = catalogue;
        this.settings = settings;
        this.work = work;
    }

    /** @throws OperatorException when there can be no scratch database */
    static void require(Database server, Work work) throws SQLException {
        try (Session session = server.open(work)) {
            if (session.one("select pg_is_in_recovery()", row -> row.getBoolean(1))) {
                throw new OperatorException(
                        "the server of '" + server.name() + "' is a standby, where no scratch database can be made",
                        "name a database on a server that takes writes: testOn 'shore'.");
            }
            String role = server.settings().user();
            if (!session.one(
                    "select rolcreatedb or rolsuper from pg_roles where rolname = current_user",
                    row -> row.getBoolean(1))) {
                throw new OperatorException(
                        "role '" + role + "' may not make databases on the server of '" + server.name()
                                + "', which a test restore needs",
                        "ALTER ROLE " + Identifiers.quote(role) + " CREATEDB;");
            }
        }
    }

    /**
     * Tests, and writes the outcome into the catalogue.
     *
     * @param part whether only a part of the database was dumped
     * @return rows restored and compared
     * @throws OperatorException when it cannot be restored, or what was restored differs
     */
    long run(Backup dump, DumpContents contents, boolean part, String subject) throws SQLException {
        long begun = System.nanoTime();
        ScratchDatabases all = new ScratchDatabases(settings);
        all.sweep(List.of(server));
        List<String> differences = new ArrayList<>();
        try (ScratchDatabase scratch = all.make(server, work, contents.locale(), true, Bytes.of(contents.bytes()));
                DatabasePools pools = scratch.open()) {
            Database inside = pools.database(server.name());
            restore(dump, contents, part, inside, subject);
            compare(contents, inside, subject, differences);
        }
        if (!differences.isEmpty()) {
            throw damaged(dump, differences);
        }
        double seconds = Duration.ofNanos(System.nanoTime() - begun).toMillis() / 1000.0;
        catalogue.status(
                dump.id(), status -> status.withRestored(settings.clock().instant(), seconds));
        return contents.withRows().stream()
                .mapToLong(table -> table.digest() == null ? 0 : table.digest().rows())
                .sum();
    }

    private void restore(Backup dump, DumpContents contents, boolean part, Database inside, String subject)
            throws SQLException {
        int major;
        try (Session session = inside.open(work)) {
            major = session.one("select current_setting('server_version_num')::int / 10000", row -> row.getInt(1));
        }
        DumpLoader loader = new DumpLoader(settings, work);
        DumpProgress progress =
                new DumpProgress(work, subject, "restore", contents.withRows().size());
        try (DumpInput input = DumpInput.open(dump, settings, 1, work)) {
            if (part) {
                makeSurroundings(inside, major);
            }
            DumpLoader.How how = DumpLoader.How.whole(1);
            if (input.format().isArchive()) {
                how = how.withoutOwners().withEntries(entries(loader.toc(dump, input), contents, part));
            }
            loader.load(dump, input, inside.settings(), major, how, progress);
        } catch (OperatorException e) {
            if (!NOT_ITS_FAULT.matcher(String.valueOf(e.getMessage())).find()) {
                throw damaged(dump, List.of(String.valueOf(e.getMessage())));
            }
            throw new OperatorException(
                    "dump " + dump.id() + " was made, but could not be tested: " + e.getMessage(), e.hint(), e);
        }
    }

    /**
     * What the tables of a part need: schemas, types and functions of the source. What of it cannot be made, because it needs tables that
     * are not there, is none of theirs, or their restoring says so.
     */
    private void makeSurroundings(Database inside, int major) {
        PgCommand from = PgCommand.of(PgBinaries.forClient(settings.bin(), major, "pg_dump"))
                .arguments(
                        "--schema-only", "--section=pre-data", "--exclude-table=*.*", "--no-owner", "--no-privileges")
                .arguments("--no-password", "--dbname=" + PgCommand.linkOptions())
                .connect(source.settings(), work.applicationName());
        PgCommand to = PgCommand.of(PgBinaries.forClient(settings.bin(), major, "psql"))
                .arguments("--no-psqlrc", "--quiet", "--no-password", "--file=-")
                .arguments("--dbname=" + PgCommand.linkOptions())
                .connect(inside.settings(), work.applicationName());
        DumpLoader.run(List.of(from, to), DumpProgress.NONE, new ArrayList<>(), work);
    }

    private static TocSelection entries(DumpToc toc, DumpContents contents, boolean part) {
        if (!part) {
            return TocSelection.allBut(toc, entry -> LEFT_OUT.contains(entry.type()));
        }
        List<Long> tables = contents.relations().stream()
                .filter(relation ->
                        !relation.kind().equals("v") && !relation.kind().equals("m"))
                .map(DumpedRelation::oid)
                .toList();
        return TocSelection.of(toc, tables, contents.references(), table -> false, LEFT_OUT_OF_PARTS);
    }

    private void compare(DumpContents contents, Database inside, String subject, List<String> differences)
            throws SQLException {
        List<DumpedRelation> tables = contents.withRows();
        try (Session session = inside.open(work)) {
            session.begin();
            TableDigest.pinSettings(session);
            int done = 0;
            for (DumpedRelation table : tables) {
                work.progress(new Progress(subject, "compare", done++, tables.size(), 0));
                TableDigest found = TableDigest.read(session, table.tableName());
                if (!found.equals(table.digest())) {
                    differences.add(difference(table, found));
                }
            }
            session.rollback();
        }
    }

    static String difference(DumpedRelation table, TableDigest found) {
        long expected = table.digest() == null ? 0 : table.digest().rows();
        return expected == found.rows()
                ? table.tableName() + " was restored with " + found.rows() + " rows whose values differ"
                : table.tableName() + " was restored with " + found.rows() + " rows instead of " + expected;
    }

    /** A dump that does not restore counts no more. */
    private OperatorException damaged(Backup dump, List<String> problems) {
        catalogue.status(
                dump.id(),
                status -> status.withDamages(
                        problems.stream().map(BackupStatus.BY_RESTORE::concat).toList()));
        return new OperatorException(
                "dump " + dump.id() + " does not restore: " + String.join("; ", problems),
                "it is marked as damaged and counts no more; the one before it is kept. Look at the server's log, then dump again.");
    }
}
