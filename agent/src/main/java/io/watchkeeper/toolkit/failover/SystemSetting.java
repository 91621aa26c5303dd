package io.watchkeeper.toolkit.failover;

import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.SqlStates;
import io.watchkeeper.problem.OperatorException;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One setting as ALTER SYSTEM keeps it in postgresql.auto.conf. */
record SystemSetting(String name) {

    /**
     * What stands in postgresql.auto.conf; null when it does not stand there.
     *
     * @throws OperatorException when the role may not see it
     */
    @Nullable
    String read(Session session) throws SQLException {
        try {
            List<String> values = session.list("""
                    select coalesce(setting, '') from pg_file_settings
                     where name = ? and sourcefile like '%/postgresql.auto.conf' order by seqno desc limit 1""", row -> row.getString(1), name);
            return values.isEmpty() ? null : values.get(0);
        } catch (SQLException e) {
            throw explained(session, e);
        }
    }

    /** Writes it, or takes it out where the value is null, and lets the server read its files again. */
    void write(Session session, @Nullable String value) throws SQLException {
        try {
            session.runVerbatim(
                    value == null
                            ? "ALTER SYSTEM RESET " + Identifiers.quote(name)
                            : "ALTER SYSTEM SET " + Identifiers.quote(name) + " = " + Identifiers.quoteLiteral(value));
            session.query("select pg_reload_conf()");
        } catch (SQLException e) {
            throw explained(session, e);
        }
    }

    private SQLException explained(Session session, SQLException e) {
        if (SqlStates.INSUFFICIENT_PRIVILEGE.equals(e.getSQLState())) {
            String role = Identifiers.quote(session.database().settings().user());
            throw new OperatorException(
                    "role " + role + " may not change " + name + " of database '"
                            + session.database().name() + "': " + e.getMessage(),
                    "since PostgreSQL 15: GRANT ALTER SYSTEM ON PARAMETER " + name + " TO " + role
                            + "; with GRANT SELECT ON pg_file_settings and EXECUTE ON FUNCTION pg_show_all_file_settings(),"
                            + " pg_reload_conf() TO " + role + "; before that only a superuser may.",
                    e);
        }
        return e;
    }
}
