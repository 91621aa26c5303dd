package io.watchkeeper.toolkit.tenant;

import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.SqlStates;
import io.watchkeeper.toolkit.tenant.Proof.Check;
import java.security.SecureRandom;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Tries, as a tenant's role, to reach what is others': rows of its own and of a second tenant, made up for the purpose, are put into every
 * shared table, and then everything is tried that must not work. All of it happens inside the caller's transaction and is taken back to a
 * savepoint at the end, the made-up tenant with it. What goes through a hole is tried on a single row: others' rows are locked and written
 * again, if only to be taken back. Not for several threads.
 */
final class TenantProof {

    /** How long one statement of it may take; the index that begins with {@code tenant_id} makes it milliseconds. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private static final SecureRandom RANDOM = new SecureRandom();

    private final Session session;
    private final TenantId tenant;
    private final Duration patience;
    private final TenantId other = new TenantId("probe-" + Long.toHexString(RANDOM.nextLong()));
    private final List<Check> checks = new ArrayList<>();
    private final Map<String, String> unproven = new LinkedHashMap<>();
    private boolean superuser;

    TenantProof(Session session, TenantId tenant) {
        this(session, tenant, PATIENCE);
    }

    /** @param patience with one statement; a proof that takes longer has failed */
    TenantProof(Session session, TenantId tenant, Duration patience) {
        this.session = session;
        this.tenant = tenant;
        this.patience = patience;
    }

    /** The usual patience, or less where there is less time. */
    static Duration atMost(Duration left) {
        return left.compareTo(PATIENCE) < 0 ? left : PATIENCE;
    }

    /** Proves that a tenant of shared tables is kept apart in these. Inside a transaction. */
    Proof ofRows(List<SharedTable> tables) throws SQLException {
        return takenBack(() -> {
            setUpOther();
            List<Planted> planted = new ArrayList<>();
            for (SharedTable table : tables) {
                planted.add(plant(table));
            }
            as(tenant);
            for (Planted one : planted) {
                tryToReach(one);
            }
        });
    }

    /** Proves that a tenant with a schema of its own reaches it and nothing of others. Inside a transaction. */
    Proof ofSchema(List<SharedTable> shared) throws SQLException {
        return takenBack(() -> {
            setUpOther();
            session.runVerbatim("CREATE SCHEMA " + Identifiers.quote(other.schema()));
            session.runVerbatim("CREATE TABLE " + Identifiers.quote(other.schema()) + ".probe AS SELECT 1 AS n");
            List<String> own = tablesOf(tenant.schema());
            List<String> others = new ArrayList<>(tablesOf(TemplateSchema.NAME));
            others.addAll(oneTableOfEachOther());
            as(tenant);
            for (String table : own) {
                check(
                        table,
                        "reads its own rows",
                        error("SELECT FROM " + table + " LIMIT 1").orWhenDone(""));
            }
            for (String table : others) {
                refused(table, "reads nothing of others", "SELECT FROM " + table + " LIMIT 1");
                // The right is asked for, whether there is a row or not.
                refused(table, "writes nothing of others", "DELETE FROM " + table + " WHERE false");
            }
            for (SharedTable table : shared) {
                refused(
                        table.name().toString(),
                        "reads no shared table",
                        "SELECT FROM " + table.name().quoted() + " LIMIT 1");
            }
            refused(
                    tenant.schema(),
                    "makes no objects",
                    "CREATE TABLE " + Identifiers.quote(tenant.schema()) + ".probe (n int)");
        });
    }

    private Proof takenBack(Trial trial) throws SQLException {
        session.runVerbatim("SAVEPOINT watchkeeper_proof");
        try {
            limitStatements();
            trial.run();
        } catch (SQLException e) {
            if (!SqlStates.QUERY_CANCELED.equals(e.getSQLState())) {
                throw e;
            }
            String why = firstLine(e) + " (it may take " + patience.toMillis() + " ms)";
            checks.add(new Check("database", "can be proven in time", false, why));
        } finally {
            // Whoever proves must not be left with the tenant's role, or the tenant's row with the made-up one.
            session.runVerbatim("ROLLBACK TO SAVEPOINT watchkeeper_proof");
        }
        return new Proof(tenant, checks, unproven);
    }

    /** Until the savepoint is gone back to; a shorter time that holds already stays. */
    private void limitStatements() throws SQLException {
        session.query("""
                select set_config('statement_timeout', least(nullif(setting::bigint, 0), ?::bigint)::text, true)
                  from pg_settings where name = 'statement_timeout'""", patience.toMillis());
    }

    @FunctionalInterface
    private interface Trial {
        void run() throws SQLException;
    }

    private void setUpOther() throws SQLException {
        superuser = session.one("select rolsuper from pg_roles where rolname = current_user", row -> row.getBoolean(1));
        session.runVerbatim(TenantRoles.create(other));
        session.runVerbatim(TenantRoles.join(other));
        TenantLedger.Tenant like = TenantLedger.require(session, tenant);
        TenantLedger.insert(session, other, like.region(), like.plan());
        if (superuser) {
            // What the application does on a new row is none of the proof's business, nor are the rows it refers to.
            session.runVerbatim("SET LOCAL session_replication_role = replica");
        } else {
            String me = session.one("select current_user", row -> row.getString(1));
            for (TenantId one : List.of(tenant, other)) {
                session.runVerbatim("GRANT " + Identifiers.quote(one.role()) + " TO " + Identifiers.quote(me));
            }
        }
    }

    private void as(TenantId who) throws SQLException {
        session.runVerbatim("SET LOCAL ROLE " + Identifiers.quote(who.role()));
        setting(who.text());
    }

    private void setting(String value) throws SQLException {
        session.query("select set_config('app.tenant_id', ?, true)", value);
    }

    /** @param mine whether a row of the tenant is in it. @param others whether one of the other is */
    private record Planted(SharedTable table, ProbeRow row, boolean mine, boolean others) {}

    private Planted plant(SharedTable table) throws SQLException {
        ProbeRow row = ProbeRow.of(session, table);
        String name = table.name().toString();
        if (row.unknown().isPresent()) {
            ProbeRow.Column column = row.unknown().get();
            unproven.put(name, "no value of type " + column.type() + " is known for the column " + column.name());
            return new Planted(table, row, false, false);
        }
        as(other);
        Tried others = error(row.insert(other.text()));
        as(tenant);
        Tried mine = error(row.insert(tenant.text()));
        session.runVerbatim("RESET ROLE");
        boolean ownRefused = SqlStates.INSUFFICIENT_PRIVILEGE.equals(mine.state());
        if (ownRefused) {
            checks.add(new Check(name, "writes its own rows", false, mine.message()));
        } else if (mine.failed() || others.failed()) {
            unproven.put(name, "a row could not be put in: " + (mine.failed() ? mine.message() : others.message()));
        } else {
            checks.add(new Check(name, "writes its own rows", true, ""));
        }
        return new Planted(table, row, !mine.failed(), !others.failed());
    }

    private void tryToReach(Planted planted) throws SQLException {
        String table = planted.table().name().quoted();
        String name = planted.table().name().toString();
        String foreign = " WHERE tenant_id IS DISTINCT FROM " + Identifiers.quoteLiteral(tenant.text());
        setting(tenant.text());
        if (planted.mine()) {
            check(name, "reads its own rows", count(table, "") > 0 ? "" : "it sees none of them");
        }
        check(name, "reads no rows of others", seen(count(table, foreign)));
        String one = one(table, foreign);
        changesNone(name, "changes no rows of others", "UPDATE " + table + " SET tenant_id = tenant_id" + one);
        changesNone(name, "deletes no rows of others", "DELETE FROM " + table + one);
        if (planted.mine()) {
            refused(name, "gives none of its rows to another", giveAway(table));
        }
        if (planted.others()) {
            refused(name, "adds no rows for others", planted.row().insert(other.text()));
        }
        refused(name, "cannot truncate", "TRUNCATE " + table);
        refused(name, "cannot go around the policies", "SET LOCAL row_security = off; SELECT count(*) FROM " + table);
        trySettings(name, table, foreign);
        setting(other.text());
        if (planted.others()) {
            refused(
                    name,
                    "does not become another by the setting",
                    planted.row().insert(other.text()));
        }
        setting(tenant.text());
    }

    /** The condition for one row of those, or one of each partition; asked for again, because partitions may share its place. */
    private static String one(String table, String condition) {
        return condition + " AND ctid = ANY (ARRAY(SELECT ctid FROM " + table + condition + " LIMIT 1))";
    }

    /** By a cursor: an update that reads a column is held back by the policies for reading, too, and one that reads none is what is tried. */
    private String giveAway(String table) {
        return "DECLARE watchkeeper_own NO SCROLL CURSOR FOR SELECT FROM " + table + " WHERE tenant_id = "
                + Identifiers.quoteLiteral(tenant.text()) + " LIMIT 1; FETCH watchkeeper_own; UPDATE " + table
                + " SET tenant_id = " + Identifiers.quoteLiteral(other.text())
                + " WHERE CURRENT OF watchkeeper_own; CLOSE watchkeeper_own";
    }

    /** All in one round trip: they are many, and a link may take 600 ms for each. */
    private void trySettings(String name, String table, String foreign) throws SQLException {
        List<String> statements = new ArrayList<>();
        for (String value : settings()) {
            statements.add("SELECT set_config('app.tenant_id', " + Identifiers.quoteLiteral(value) + ", true)");
            statements.add("SELECT count(*) FROM " + table + foreign);
            statements.add("WITH gone AS (DELETE FROM " + table + one(table, foreign)
                    + " RETURNING 1) SELECT count(*) FROM gone");
        }
        List<List<String>> results = session.lists(statements, row -> row.getString(1));
        for (int i = 0; i < settings().size(); i++) {
            String value = settings().get(i);
            long read = Long.parseLong(results.get(3 * i + 1).get(0));
            long deleted = Long.parseLong(results.get(3 * i + 2).get(0));
            check(name, "reads nothing with the setting '" + value + "'", seen(read));
            check(
                    name,
                    "deletes nothing with the setting '" + value + "'",
                    deleted == 0 ? "" : "it deleted " + deleted + " rows");
        }
    }

    /** What somebody would try who may set the setting to anything. */
    private List<String> settings() {
        return List.of(
                other.text(),
                "",
                "%",
                "*",
                other + "' OR '1'='1",
                "x'; RESET ROLE; --",
                '"' + other.role() + '"',
                tenant + "," + other,
                tenant + "\" OR \"a",
                other.text().toUpperCase(Locale.ROOT),
                other + " ",
                "x".repeat(300));
    }

    private void refused(String on, String name, String sql) throws SQLException {
        Tried tried = error(sql);
        check(on, name, tried.failed() ? refusal(tried) : "it could");
    }

    /** Only for want of rights: what fails because of anything else today may work tomorrow. */
    private static String refusal(Tried tried) {
        return SqlStates.INSUFFICIENT_PRIVILEGE.equals(tried.state())
                ? ""
                : "it failed for another reason: " + tried.message();
    }

    private void changesNone(String on, String name, String sql) throws SQLException {
        check(on, name, changed(error(sql)));
    }

    private static String changed(Tried tried) {
        if (tried.failed()) {
            return refusal(tried);
        }
        return tried.rows() == 0 ? "" : "it changed " + tried.rows() + " rows";
    }

    private long count(String table, String where) throws SQLException {
        return session.oneVerbatim("SELECT count(*) FROM " + table + where, row -> row.getLong(1));
    }

    private static String seen(long rows) {
        return rows == 0 ? "" : "it sees " + rows + " of them";
    }

    private void check(String on, String name, String found) {
        checks.add(new Check(on, name, found.isEmpty(), found));
    }

    /** What a statement came to. @param state the SQLSTATE of its failure; empty when it did not fail */
    private record Tried(long rows, String state, String message) {
        boolean failed() {
            return !state.isEmpty();
        }

        String orWhenDone(String done) {
            return failed() ? message : done;
        }
    }

    /** Tries it and, when it fails, goes back to before it. */
    private Tried error(String sql) throws SQLException {
        try {
            long rows = session.call(
                    () -> changed("SAVEPOINT watchkeeper_try; " + sql + "; RELEASE SAVEPOINT watchkeeper_try"));
            return new Tried(rows, "", "");
        } catch (SQLException e) {
            session.runVerbatim("ROLLBACK TO SAVEPOINT watchkeeper_try; RELEASE SAVEPOINT watchkeeper_try");
            return new Tried(0, String.valueOf(e.getSQLState()), firstLine(e));
        }
    }

    private long changed(String statements) throws SQLException {
        try (Statement statement = session.connection().createStatement()) {
            long changed = 0;
            boolean rows = statement.execute(statements);
            while (rows || statement.getLargeUpdateCount() >= 0) {
                changed += rows ? 0 : statement.getLargeUpdateCount();
                rows = statement.getMoreResults();
            }
            return changed;
        }
    }

    private static String firstLine(SQLException e) {
        return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
    }

    private List<String> tablesOf(String schema) throws SQLException {
        return session.list(
                "select format('%I.%I', n.nspname, c.relname) from pg_class c join pg_namespace n on n.oid = c.relnamespace"
                        + " where n.nspname = ? and c.relkind in ('r', 'p', 'v') order by c.relkind, c.relname",
                row -> row.getString(1), schema);
    }

    /** Of the fifty tenants made last; they are enough to see whether the schemas are closed. */
    private List<String> oneTableOfEachOther() throws SQLException {
        return session.list("""
                select min(format('%I.%I', n.nspname, c.relname))
                  from (select n.oid, n.nspname from pg_namespace n join pg_roles r on r.rolname = n.nspname
                         where n.nspname ~ '^tenant_[a-z]' and n.nspname <> ? order by n.oid desc limit 50) n
                  join pg_class c on c.relnamespace = n.oid
                 where c.relkind in ('r', 'p', 'v') group by n.oid order by n.oid desc""", row -> row.getString(1), tenant.schema());
    }
}
