package io.watchkeeper.toolkit.tenant;

import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.problem.OperatorException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** A schema on its way out. */
final class PassingSchema {

    private static final String DEPENDED_UPON = "2BP01";

    private PassingSchema() {}

    static boolean exists(Session session, String schema) throws SQLException {
        return session.one("select to_regnamespace(quote_ident(?)) is not null", row -> row.getBoolean(1), schema);
    }

    /** The statements that drop it with all that is in it, and nothing beside. */
    static List<String> dropping(Session session, String schema) throws SQLException {
        List<String> statements = new ArrayList<>();
        for (String[] kind : new String[][] {{"v", "VIEW"}, {"r", "TABLE"}, {"S", "SEQUENCE"}}) {
            List<String> names = session.list(
                    "select format('%I.%I', n.nspname, c.relname) from pg_class c join pg_namespace n on n.oid = c.relnamespace"
                            + " where n.nspname = ? and (c.relkind::text = ? or c.relkind = 'p' and ? = 'r') and not c.relispartition"
                            + " and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid"
                            + " and d.refclassid = 'pg_class'::regclass and d.deptype in ('a', 'i') and c.relkind = 'S') order by 1",
                    row -> row.getString(1), schema, kind[0], kind[0]);
            if (!names.isEmpty()) {
                statements.add("DROP " + kind[1] + " " + String.join(", ", names));
            }
        }
        statements.add("DROP SCHEMA " + Identifiers.quote(schema));
        return statements;
    }

    /** Drops it. Inside a transaction. @throws OperatorException when something outside needs it */
    static void drop(Session session, String schema) throws SQLException {
        if (!exists(session, schema)) {
            return;
        }
        try {
            for (String statement : dropping(session, schema)) {
                session.runVerbatim(statement);
            }
        } catch (SQLException e) {
            if (!DEPENDED_UPON.equals(e.getSQLState())) {
                throw e;
            }
            throw new OperatorException(
                    "the schema " + schema + " is not dropped, because something needs what is in it: "
                            + e.getMessage(),
                    "drop what needs it, or move it elsewhere; then run the same again.",
                    e);
        }
    }
}
