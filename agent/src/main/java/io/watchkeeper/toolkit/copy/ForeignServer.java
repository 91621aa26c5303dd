package io.watchkeeper.toolkit.copy;

import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.ServerMessage;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.problem.OperatorException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The source as the target's server sees it, by postgres_fdw: a foreign server, a user mapping and foreign tables.
 *
 * <p>All of it is made and dropped again inside the transaction that copies. Nobody else ever sees it, and if anything dies at any
 * moment it was never there.
 */
final class ForeignServer {

    private static final Set<String> OF_NO_USE = Set.of("plpgsql", "postgres_fdw");
    private static final int CONNECT_SECONDS = 8;

    /** The target's server holds this much of what it fetches, unless single rows are larger. */
    private static final long BATCH_BYTES = 4L << 20;

    private static final long MAX_BATCH_ROWS = 10_000;
    private static final long UNKNOWN_BATCH_ROWS = 500;
    private static final long MIN_BATCH_ROWS = 10;

    private static final String PASSWORD_REQUIRED = "2F003";
    private static final String CANNOT_CONNECT = "08001";

    private final Session source;
    private final Session target;
    private final SourceAddress address;
    private final List<FdwTable> tables = new ArrayList<>();
    private final Map<TableName, List<String>> notes = new LinkedHashMap<>();
    private String name = "watchkeeper";

    private ForeignServer(Session source, Session target, List<PreparedCopy> copies) {
        this.source = source;
        this.target = target;
        this.address = SourceAddress.of(
                source.database().settings(), copies.get(0).plan().options().sourceAddress());
        for (PreparedCopy copy : copies) {
            for (TableName relation : copy.sourceRelations()) {
                tables.add(new FdwTable(copy, relation, tables.size() + 1));
            }
        }
    }

    /**
     * Makes it in the target's open transaction, and connects. From then on all tables are read in one snapshot.
     *
     * @return null when the rows are not to travel that way
     * @throws OperatorException when something is missing for it, or the source cannot be reached
     */
    static @Nullable ForeignServer open(Session source, Session target, List<PreparedCopy> copies) throws SQLException {
        if (copies.get(0).plan().options().method() != CopyMethod.FDW) {
            return null;
        }
        ForeignServer server = new ForeignServer(source, target, copies);
        server.require(copies);
        server.create();
        return server;
    }

    /**
     * What is sent to the target, the password left out.
     *
     * @param before to make it
     * @param inserts one for each relation that is read
     * @param after to take it away
     */
    record Statements(List<String> before, List<String> inserts, List<String> after) {}

    static Statements describe(Session source, Session target, PreparedCopy copy) throws SQLException {
        ForeignServer server = new ForeignServer(source, target, List.of(copy));
        server.require(List.of(copy));
        List<String> before = new ArrayList<>(List.of(server.createServer(), server.createMapping()));
        if (server.login().password() != null) {
            before.addAll(PasswordHandover.statements(server.name));
        }
        server.tables.forEach(table -> before.add(table.create(server.name)));
        return new Statements(
                before, server.tables.stream().map(FdwTable::insert).toList(), server.dropAll());
    }

    private void require(List<PreparedCopy> copies) throws SQLException {
        FdwRights.require(target, copies);
        List<String> parents = source.list(
                "select c.oid::regclass::text from pg_class c where c.oid = any(?::regclass[]) and c.relkind = 'r'"
                        + " and exists (select from pg_inherits where inhparent = c.oid)",
                row -> row.getString(1),
                relations());
        if (!parents.isEmpty()) {
            throw new OperatorException(
                    "other tables of database '" + source.database().name() + "' inherit from "
                            + String.join(", ", parents) + ", and postgres_fdw would read their rows too",
                    "use method copy.");
        }
    }

    private List<String> relations() {
        return tables.stream().map(table -> table.relation().quoted()).toList();
    }

    private void create() throws SQLException {
        name = "watchkeeper_" + target.one("select pg_backend_pid()", row -> row.getInt(1));
        target.runVerbatim(createServer() + "; " + createMapping());
        if (login().password() != null) {
            PasswordHandover.hand(target, name, login().password());
        }
        if (tables.isEmpty()) {
            return;
        }
        target.runVerbatim(tables.stream().map(table -> table.create(name)).collect(Collectors.joining("; ")));
        try {
            target.runVerbatim(tables.get(0).touch());
        } catch (SQLException e) {
            throw unreachable(e);
        }
        for (FdwTable table : tables) {
            if (table.copy().plan().options().where() != null) {
                notePushDown(table);
            }
        }
    }

    private DatabaseSettings login() {
        return source.database().settings();
    }

    private String createServer() throws SQLException {
        Map<String, String> options = new LinkedHashMap<>(address.options());
        options.put("connect_timeout", Integer.toString(CONNECT_SECONDS));
        options.put("application_name", target.work().applicationName());
        // The source prints values as the target reads them, and the connection waits while the target works.
        options.put(
                "options",
                "-c lc_monetary=C -c bytea_output=hex -c xmloption=content -c quote_all_identifiers=off"
                        + " -c row_security=off -c lock_timeout=" + Session.DEFAULT_LOCK_TIMEOUT.toMillis()
                        + " -c statement_timeout=0 -c idle_in_transaction_session_timeout=0"
                        + " -c client_connection_check_interval=10s");
        options.put("fetch_size", Long.toString(batchRows()));
        options.put("use_remote_estimate", "false");
        options.put("keep_connections", "off");
        List<String> extensions = commonExtensions();
        if (!extensions.isEmpty()) {
            options.put("extensions", Identifiers.quoteAll(extensions));
        }
        return "CREATE SERVER " + name + " FOREIGN DATA WRAPPER postgres_fdw OPTIONS ("
                + options.entrySet().stream()
                        .map(option -> option.getKey() + " "
                                + Identifiers.quoteLiteral(option.getValue()).strip())
                        .collect(Collectors.joining(", "))
                + ")";
    }

    private String createMapping() {
        return "CREATE USER MAPPING FOR CURRENT_USER SERVER " + name + " OPTIONS (\"user\" "
                + Identifiers.quoteLiteral(login().user()).strip() + ")";
    }

    /** So many rows that the target's memory stays small, whatever a row holds on average, TOAST included. */
    private long batchRows() throws SQLException {
        double widest = source.one(
                "select coalesce(max(pg_table_size(oid) / nullif(greatest(reltuples, 0), 0)), 0)::float8"
                        + " from pg_class where oid = any(?::regclass[])",
                row -> row.getDouble(1),
                relations());
        if (widest == 0) {
            return UNKNOWN_BATCH_ROWS;
        }
        return Math.max(MIN_BATCH_ROWS, Math.min(MAX_BATCH_ROWS, (long) (BATCH_BYTES / widest)));
    }

    /** Functions and operators of an extension are only evaluated by the source when it is the same there. */
    private List<String> commonExtensions() throws SQLException {
        if (tables.stream().allMatch(t -> t.copy().plan().options().where() == null)) {
            return List.of();
        }
        String sql = "select extname, extversion from pg_extension order by 1";
        List<Map<String, @Nullable Object>> there = target.query(sql);
        return source.query(sql).stream()
                .filter(there::contains)
                .map(row -> String.valueOf(row.get("extname")))
                .filter(extension -> !OF_NO_USE.contains(extension))
                .toList();
    }

    private OperatorException unreachable(SQLException e) {
        ServerMessage said = ServerMessage.of(e).orElseThrow();
        String from = source.database().name();
        String to = target.database().name();
        String state = String.valueOf(said.sqlState());
        if (state.equals(PASSWORD_REQUIRED)) {
            return new OperatorException(
                    "PostgreSQL lets role '" + target.database().settings().user() + "' of '" + to
                            + "', who is no superuser, reach '" + from + "' only by a password that '" + from
                            + "' asks for: " + said.text(),
                    "set databases." + from + ".password, and in pg_hba.conf of '" + from
                            + "' scram-sha-256 for the address of '" + to + "'; or use method copy.",
                    e);
        }
        String hint = state.equals(CANNOT_CONNECT)
                ? "if it has another address from there, say  sourceAddress 'host:port' ; else look at pg_hba.conf of '"
                        + from + "', the password and firewalls; or use method copy."
                : null;
        return new OperatorException(
                "the server of '" + to + "' cannot read '" + from + "' at " + address + ": " + said.text(), hint, e);
    }

    /** Fills the copy's target from one relation. @return how many rows there were */
    long load(PreparedCopy copy, TableName relation) throws SQLException {
        return target.updateVerbatim(table(copy, relation).insert());
    }

    private void notePushDown(FdwTable table) throws SQLException {
        PushDown plan;
        try {
            plan = PushDown.explain(target, table);
        } catch (SQLException e) {
            if (String.valueOf(e.getSQLState()).startsWith("42")) {
                throw new OperatorException(
                        "'" + target.database().name() + "' cannot read the condition on "
                                + table.copy().source().name() + ": "
                                + ServerMessage.of(e).orElseThrow().text(),
                        "with method fdw the target's server reads it: types and functions it does not have cannot"
                                + " be in it; or use method copy.",
                        e);
            }
            throw e;
        }
        if (plan.filter() != null) {
            note(
                    table.copy(),
                    "not evaluated by the source: " + plan.filter() + "; rows were sent and then left out by '"
                            + target.database().name()
                            + "' (only built-in immutable functions and operators are sent along: write constants instead"
                            + " of now(), or use method copy)");
        }
    }

    private void note(PreparedCopy copy, String text) {
        List<String> said = notes.computeIfAbsent(copy.target().name(), key -> new ArrayList<>());
        if (!said.contains(text)) {
            said.add(text);
        }
    }

    /**
     * The digest of the rows in the snapshot they were read in. It reads them a second time, for the source cannot print them as
     * text and hash them for postgres_fdw, nor can anybody else see through its snapshot.
     */
    Digest digest(PreparedCopy copy) throws SQLException {
        note(
                copy,
                "rows of the source changed just when the copy began: compared with the snapshot the rows were read in,"
                        + " read a second time");
        List<String> from = copy.sourceRelations().stream()
                .map(relation -> table(copy, relation).fromItem())
                .toList();
        return Digest.read(target, CopySql.digest(copy, from, null));
    }

    /** What an operator should know about how the copy was done. */
    List<String> notes(PreparedCopy copy) {
        return notes.getOrDefault(copy.target().name(), List.of());
    }

    /** Takes it all away. The connection to the source ends with the transaction. */
    void drop() throws SQLException {
        target.runVerbatim(String.join("; ", dropAll()));
    }

    private List<String> dropAll() {
        List<String> statements = new ArrayList<>();
        tables.forEach(table -> statements.add(table.drop()));
        statements.add("DROP USER MAPPING FOR CURRENT_USER SERVER " + name);
        statements.add("DROP SERVER " + name);
        return statements;
    }

    private FdwTable table(PreparedCopy copy, TableName relation) {
        return tables.stream()
                .filter(table -> table.copy().equals(copy) && table.relation().equals(relation))
                .findFirst()
                .orElseThrow();
    }
}
