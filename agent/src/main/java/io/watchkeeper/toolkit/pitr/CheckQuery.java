package io.watchkeeper.toolkit.pitr;

import io.watchkeeper.problem.OperatorException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * A question to the recovered cluster that must be answered with true.
 *
 * @param sql a query for one boolean
 */
public record CheckQuery(String name, String sql) {

    /**
     * Asks it.
     *
     * @return what was answered
     * @throws OperatorException when the answer is not one row with true
     */
    String ask(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            if (rows.getMetaData().getColumnCount() != 1
                    || !rows.getMetaData().getColumnTypeName(1).equals("bool")) {
                throw new OperatorException(
                        "the query does not return one boolean",
                        "write it so: select count(*) > 1000 from public.documents");
            }
            if (!rows.next()) {
                throw new OperatorException("the query returned no row", "only true passes.");
            }
            boolean holds = rows.getBoolean(1);
            boolean unknown = rows.wasNull();
            if (rows.next()) {
                throw new OperatorException("the query returned several rows", "it must return one boolean.");
            }
            if (unknown || !holds) {
                throw new OperatorException("the answer is " + (unknown ? "null" : "false"), "only true passes.");
            }
            return "true";
        }
    }
}
