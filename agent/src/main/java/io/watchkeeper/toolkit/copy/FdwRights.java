package io.watchkeeper.toolkit.copy;

import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.problem.OperatorException;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Whether the target lets its role copy by postgres_fdw. */
final class FdwRights {

    private FdwRights() {}

    /** @throws OperatorException for the first thing that is missing, with the statement that gives it */
    static void require(Session target, List<PreparedCopy> copies) throws SQLException {
        Map<String, @Nullable Object> found = target.query("""
                        select exists (select from pg_foreign_data_wrapper where fdwname = 'postgres_fdw') as installed,
                               exists (select from pg_available_extensions where name = 'postgres_fdw') as available,
                               (select has_foreign_data_wrapper_privilege(oid, 'USAGE')
                                  from pg_foreign_data_wrapper where fdwname = 'postgres_fdw') as usable,
                               has_database_privilege(current_database(), 'TEMPORARY') as temporary,
                               quote_ident(current_database()) as database""").get(0);
        String name = target.database().name();
        String user = target.database().settings().user();
        if (!is(found, "installed")) {
            throw new OperatorException(
                    "method fdw needs the extension postgres_fdw, which database '" + name + "' does not have",
                    "as a superuser there: CREATE EXTENSION postgres_fdw;"
                            + (is(found, "available")
                                    ? ""
                                    : "  after installing the server's contrib package, for example postgresql-contrib."));
        }
        if (!is(found, "usable")) {
            throw denied(
                    name,
                    user,
                    "may not use postgres_fdw",
                    "GRANT USAGE ON FOREIGN DATA WRAPPER postgres_fdw TO " + Identifiers.quote(user) + ";");
        }
        if (!is(found, "temporary")) {
            throw denied(
                    name,
                    user,
                    "may not make temporary tables, which method fdw needs",
                    "GRANT TEMPORARY ON DATABASE " + found.get("database") + " TO " + Identifiers.quote(user) + ";");
        }
        requireNoRules(target, copies);
    }

    private static boolean is(Map<String, @Nullable Object> found, String what) {
        return Objects.equals(found.get(what), true);
    }

    private static OperatorException denied(String database, String user, String what, String grant) {
        return new OperatorException("role '" + user + "' " + what + " in database '" + database + "'", grant);
    }

    /** COPY passes rules by, INSERT does not. */
    private static void requireNoRules(Session target, List<PreparedCopy> copies) throws SQLException {
        List<String> tables =
                copies.stream().map(copy -> copy.target().name().quoted()).toList();
        List<String> rules = target.list(
                "select quote_ident(rulename) || ' on ' || ev_class::regclass from pg_rewrite"
                        + " where ev_class = any(?::regclass[]) and ev_type = '3' and ev_enabled = any(?::text[])",
                row -> row.getString(1),
                tables,
                copies.get(0).silent() ? List.of("R", "A") : List.of("O", "A"));
        if (!rules.isEmpty()) {
            throw new OperatorException(
                    "rules of database '" + target.database().name() + "' rewrite what is inserted: "
                            + String.join(", ", rules),
                    "use method copy, which passes rules by.");
        }
    }
}
