package io.watchkeeper.toolkit.stream;

import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.problem.Suggestion;
import java.sql.Array;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What a publication sends, table by table: partitions by themselves, unless it publishes through their root. */
final class PublishedTables {

    private static final int SENDS_PARTS = 15;

    private PublishedTables() {}

    /**
     * A table.
     *
     * @param columns the only ones that are sent; empty for all
     * @param someRows whether a condition holds rows back
     */
    record Published(TableName name, List<String> columns, boolean someRows) {

        boolean whole() {
            return columns.isEmpty() && !someRows;
        }
    }

    /**
     * By name.
     *
     * @throws OperatorException when there is no such publication
     */
    static Map<TableName, Published> read(Session source, String publication, int majorVersion) throws SQLException {
        requireThere(source, publication);
        String parts = majorVersion < SENDS_PARTS ? "'{}'::text[], false" : """
                  case when exists (select from pg_publication_rel r join pg_publication q on q.oid = r.prpubid
                                     where q.pubname = p.pubname and r.prattrs is not null) then p.attnames::text[]
                       else '{}' end, p.rowfilter is not null""";
        Map<TableName, Published> tables = new TreeMap<>();
        source.list(
                "select p.schemaname, p.tablename, " + parts + " from pg_publication_tables p where p.pubname = ?",
                row -> {
                    TableName name = new TableName(row.getString(1), row.getString(2));
                    return tables.put(name, new Published(name, texts(row.getArray(3)), row.getBoolean(4)));
                },
                publication);
        return tables;
    }

    static boolean exists(Session source, String publication) throws SQLException {
        return source.one(
                "select exists (select from pg_publication where pubname = ?)", row -> row.getBoolean(1), publication);
    }

    private static void requireThere(Session source, String publication) throws SQLException {
        if (exists(source, publication)) {
            return;
        }
        List<String> known =
                source.list("select pubname::text from pg_publication order by 1", row -> row.getString(1));
        throw new OperatorException(
                "database '" + source.database().name() + "' has no publication " + Identifiers.quote(publication),
                Suggestion.didYouMean(publication, known) + "provisionPublication('"
                        + source.database().name() + "') { name '" + publication + "'; tables 'public.*' } makes it.");
    }

    private static List<String> texts(Array array) throws SQLException {
        return List.of((String[]) array.getArray());
    }
}
