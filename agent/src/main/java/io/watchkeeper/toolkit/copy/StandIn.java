package io.watchkeeper.toolkit.copy;

import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.problem.OperatorException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * A table that is made beside another one, filled, and put into its place with all that belongs to it. Readers and writers of the
 * other one go on until {@link #release}.
 *
 * <p>Its steps are lists of statements, so that they may run in one transaction or in several; until the last one, nothing of the
 * old table is touched. The stand-in's name says whose it is, and which table it was made for.
 */
final class StandIn {

    private record Statement(String step, String sql) {}

    private final TableName name;
    private final String searchPath;
    private final List<Statement> statements;

    private StandIn(TableName name, String searchPath, List<Statement> statements) {
        this.name = name;
        this.searchPath = searchPath;
        this.statements = statements;
    }

    /**
     * Whether the table can be replaced with all that belongs to it.
     *
     * @throws OperatorException when not; names what is in the way
     */
    static void refuse(Session target, TableName table) throws SQLException {
        List<Reason> reasons = reasons(target, table, false);
        if (!reasons.isEmpty()) {
            throw new OperatorException(
                    table + " in database '" + target.database().name() + "' cannot be swapped: "
                            + String.join(
                                    "; ", reasons.stream().map(Reason::what).toList()),
                    reasons.get(0).hint);
        }
    }

    /** Why a table, or a partition, cannot be replaced with all that belongs to it; empty when it can. */
    static List<Reason> reasons(Session target, TableName table, boolean asPartition) throws SQLException {
        return inFullNames(
                target,
                () -> target.list(
                        StandInCatalogue.REFUSALS,
                        row -> new Reason(row.getString(1), row.getString(2)),
                        table.schema(),
                        table.name(),
                        asPartition));
    }

    /** What is in the way, and what to do about it. */
    record Reason(String what, String hint) {}

    /**
     * Reads what makes the table what it is. To be called under a lock that keeps others from changing that.
     *
     * @param together the tables that are replaced in the same transaction, this one among them
     */
    static StandIn read(Session target, TableName table, List<TableName> together) throws SQLException {
        int version = target.one("show server_version_num", row -> Integer.parseInt(row.getString(1)));
        String path = target.one("select current_setting('search_path')", row -> row.getString(1));
        List<Statement> statements = inFullNames(
                target,
                () -> target.list(
                        StandInCatalogue.statements(version),
                        row -> new Statement(row.getString(1), row.getString(2)),
                        together.stream().map(TableName::schema).toList(),
                        together.stream().map(TableName::name).toList(),
                        table.schema(),
                        table.name()));
        long oid = target.one(
                "select c.oid::bigint from pg_class c join pg_namespace n on n.oid = c.relnamespace"
                        + " where n.nspname = ? and c.relname = ?",
                row -> row.getLong(1),
                table.schema(),
                table.name());
        return new StandIn(new TableName(table.schema(), "watchkeeper_swap_" + oid), path, statements);
    }

    private interface Reading<T> {
        T read() throws SQLException;
    }

    /** With an empty search path the server writes every name in full. */
    private static <T> T inFullNames(Session target, Reading<T> reading) throws SQLException {
        boolean own = target.connection().getAutoCommit();
        String path = target.one("select current_setting('search_path')", row -> row.getString(1));
        target.begin();
        try {
            target.query("select set_config('search_path', '', true)");
            T result = reading.read();
            target.query("select set_config('search_path', ?, true)", path);
            return result;
        } finally {
            if (own) {
                target.rollback();
            }
        }
    }

    TableName name() {
        return name;
    }

    /** Keeps the old table as it is, while others read and write it. */
    static String hold(TableName table) {
        return "LOCK TABLE ONLY " + table.quoted() + " IN SHARE UPDATE EXCLUSIVE MODE";
    }

    /** An empty table that checks its rows as the old one does. */
    List<String> create() {
        return step("create");
    }

    /** Once the rows are in: indexes, keys, owner and rights. */
    List<String> build() {
        return step("build");
    }

    /** Once all stand-ins of the transaction are built: foreign keys from them and to them. Locks out writers of the other ends. */
    List<String> link() {
        return step("link");
    }

    /** Takes the old table, and what refers to it, from its readers and writers until the commit: all the rest takes moments. */
    List<String> release() {
        return step("release");
    }

    /** Once all old tables of the transaction are released: the old table goes, and the stand-in has its name. */
    List<String> replace() {
        return step("replace");
    }

    private List<String> step(String step) {
        List<String> sql = new ArrayList<>();
        sql.add("select set_config('search_path', '', true), set_config('default_tablespace', '', true),"
                + " set_config('check_function_bodies', 'off', true)");
        statements.stream().filter(s -> s.step.equals(step)).map(Statement::sql).forEach(sql::add);
        sql.add("select set_config('search_path', " + Identifiers.quoteLiteral(searchPath) + ", true)");
        return sql;
    }
}
