package io.watchkeeper.toolkit.pitr;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.postgres.TablePattern;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Compares tables of the recovered cluster with the source's as they are now. A restored cluster counts transactions as the source
 * does, so each row of the source tells by its xmin whether it is older than the recovery point. The older ones must be the
 * same on both sides, row for row; only where the source has since deleted or changed some of them is there nothing to compare with.
 */
final class SourceComparison {

    /** So that a row reads the same on both sides, whatever databases and roles are set to. */
    private static final String SAME_TEXTS =
            "set datestyle = 'ISO, YMD'; set intervalstyle = 'postgres'; set timezone = 'UTC';"
                    + " set extra_float_digits = 3; set bytea_output = 'hex'; set xmlbinary = 'base64'; set search_path = pg_catalog";

    private static final String TABLES = """
            select n.nspname, c.relname
              from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
             where c.relkind = 'r' and c.relpersistence = 'p' and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
             order by 1, 2""";

    /** Transactions so near to the recovery point may have been open at it, and were rolled back by the recovery. */
    private static final long NEAR = 100_000;

    private final Database source;
    private final SandboxServer sandbox;
    private final String database;
    private final Work work;

    /** @param database the name of the source's database in its cluster */
    SourceComparison(Database source, SandboxServer sandbox, String database, Work work) {
        this.source = source;
        this.sandbox = sandbox;
        this.database = database;
        this.work = work;
    }

    /** Rows and the sum of their hashes. */
    private record Digest(long rows, BigDecimal sum) {

        static Digest read(ResultSet row) throws SQLException {
            return new Digest(row.getLong(1), row.getBigDecimal(2));
        }
    }

    /**
     * What came of it.
     *
     * @param same tables whose older rows are all there and all the same
     * @param changed tables with nothing to compare with, and why
     * @param wrong tables that lack rows or have others
     */
    record Findings(List<String> same, List<String> changed, List<String> wrong) {

        String words() {
            List<String> parts = new ArrayList<>();
            if (!wrong.isEmpty()) {
                parts.add(String.join("; ", wrong));
            }
            parts.add(same.size() + (same.size() == 1 ? " table is" : " tables are") + " the same as on the source");
            if (!changed.isEmpty()) {
                parts.add("not compared: " + String.join("; ", changed));
            }
            return String.join("; ", parts);
        }
    }

    /**
     * Compares them.
     *
     * @param systemId of the cluster that was restored, which the source must be
     * @param nextXid the first transaction that the recovered cluster does not know
     * @throws OperatorException when no table matches, or the source is another cluster
     */
    Findings compare(List<String> patterns, String systemId, long nextXid) throws SQLException {
        List<TablePattern> wanted = patterns.stream().map(TablePattern::parse).toList();
        Findings found = new Findings(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        try (Connection restored = sandbox.connect(database);
                Session session = source.open(work)) {
            String here = session.one(
                    "select system_identifier::text from pg_catalog.pg_control_system()", r -> r.getString(1));
            if (!here.equals(systemId)) {
                throw new OperatorException(
                        "database '" + source.name() + "' is on cluster " + here + ", and the backup is of cluster "
                                + systemId,
                        "the cluster was made anew since; take a new base backup, or leave 'compare' out.");
            }
            try (Statement statement = restored.createStatement()) {
                statement.execute(SAME_TEXTS);
            }
            session.runVerbatim(SAME_TEXTS);
            List<TableName> tables = tables(restored).stream()
                    .filter(t -> wanted.stream().anyMatch(p -> p.matches(t)))
                    .toList();
            if (tables.isEmpty()) {
                throw new OperatorException(
                        "no table of the recovered database matches " + String.join(", ", patterns),
                        "patterns are written as 'public.*'.");
            }
            Set<TableName> onSource =
                    new HashSet<>(session.listVerbatim(TABLES, r -> new TableName(r.getString(1), r.getString(2))));
            for (TableName table : tables) {
                work.throwIfCancelled();
                if (onSource.contains(table)) {
                    compare(table, restored, session, nextXid, found);
                } else {
                    found.changed().add(table + ": dropped since");
                }
            }
        }
        return found;
    }

    private static List<TableName> tables(Connection restored) throws SQLException {
        List<TableName> tables = new ArrayList<>();
        try (Statement statement = restored.createStatement();
                ResultSet rows = statement.executeQuery(TABLES)) {
            while (rows.next()) {
                tables.add(new TableName(rows.getString(1), rows.getString(2)));
            }
        }
        return tables;
    }

    private void compare(TableName table, Connection restored, Session session, long nextXid, Findings found)
            throws SQLException {
        Digest there;
        try (Statement statement = restored.createStatement();
                ResultSet row = statement.executeQuery(digest(table, "true"))) {
            row.next();
            there = Digest.read(row);
        }
        String older = "(" + nextXid + " - xmin::text::bigint & 4294967295) between 1 and 2147483647";
        Digest here = session.oneVerbatim(digest(table, older), Digest::read);
        if (!here.equals(there)) {
            Set<Long> undone = undone(table, restored, session, nextXid);
            if (!undone.isEmpty()) {
                String list = undone.stream().map(String::valueOf).collect(Collectors.joining(", "));
                here = session.oneVerbatim(
                        digest(table, older + " and xmin::text::bigint not in (" + list + ")"), Digest::read);
            }
        }
        if (here.equals(there)) {
            found.same().add(table.toString());
        } else if (here.rows() < there.rows()) {
            // An update leaves a new version, which is younger, so it shows here as a deletion does.
            found.changed()
                    .add(
                            table + ": " + (there.rows() - here.rows())
                                    + " rows more than the source has of that time, as when they were changed or deleted there since");
        } else {
            found.wrong()
                    .add(table + " has " + there.rows() + " rows with other contents than the source's " + here.rows()
                            + " of that time");
        }
    }

    /** Transactions that wrote rows of the source and were still open at the recovery point. */
    private static Set<Long> undone(TableName table, Connection restored, Session session, long nextXid)
            throws SQLException {
        List<Long> near = session.listVerbatim(
                "select distinct xmin::text::bigint from only " + table.quoted() + " where (" + nextXid
                        + " - xmin::text::bigint & 4294967295) between 1 and " + NEAR,
                r -> r.getLong(1));
        Set<Long> undone = new HashSet<>();
        for (Long xid : near) {
            // The epoch is that of the newest transaction, one less for numbers from before the last wraparound.
            try (Statement statement = restored.createStatement();
                    ResultSet row = statement.executeQuery("""
                            select pg_xact_status(((n & ~4294967295::bigint) + x
                                     - case when x > (n & 4294967295) then 4294967296 else 0 end)::text::xid8)
                              from (select pg_snapshot_xmax(pg_current_snapshot())::text::bigint n, %d::bigint x) s""".formatted(xid))) {
                row.next();
                String status = row.getString(1);
                // Null is so old that nobody kept its state, which only committed ones' rows survive.
                if (status != null && !status.equals("committed")) {
                    undone.add(xid);
                }
            }
        }
        return undone;
    }

    private static String digest(TableName table, String which) {
        return "select count(*), coalesce(sum(hashtextextended(t::text, 0)::numeric), 0) from only " + table.quoted()
                + " t where " + which;
    }
}
