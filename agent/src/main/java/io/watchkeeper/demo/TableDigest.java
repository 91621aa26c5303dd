package io.watchkeeper.demo;

import io.watchkeeper.postgres.Session;
import java.math.BigDecimal;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a table holds, in two numbers that do not depend on the order of its rows: how many there are, and the sum of their hashes.
 * Made by other means than the copy engine's own check, so that the two can disagree.
 */
record TableDigest(long rows, BigDecimal sumOfHashes) {

    /** The digests of all ordinary tables of schema public, by table name. */
    static Map<String, TableDigest> ofAll(Session session) throws SQLException {
        Map<String, TableDigest> digests = new TreeMap<>();
        try (Statement statement = session.connection().createStatement()) {
            // A row's text depends on these; both ends must write it alike.
            statement.execute("set timezone = 'UTC'; set datestyle = 'ISO'; set extra_float_digits = 1");
            try (ResultSet tables = statement.executeQuery("""
                    select relname, format(
                            'select count(*), coalesce(sum(hashtextextended(t::text, 0)), 0) from %s t', oid::regclass)
                    from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace
                    """)) {
                while (tables.next()) {
                    digests.put(tables.getString(1), read(session, tables.getString(2)));
                }
            } finally {
                statement.execute("reset timezone; reset datestyle; reset extra_float_digits");
            }
        }
        return digests;
    }

    private static TableDigest read(Session session, String select) throws SQLException {
        try (Statement statement = session.connection().createStatement();
                ResultSet row = statement.executeQuery(select)) {
            row.next();
            return new TableDigest(row.getLong(1), row.getBigDecimal(2));
        }
    }
}
