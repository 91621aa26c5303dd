package io.watchkeeper.toolkit.partition;

import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.problem.OperatorException;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The tables that pg_partman looks after in this database. Two who make and drop the same partitions would be one too many. */
final class PartmanTables {

    /** Its configuration is known by its columns, because it may be in any schema. */
    private static final String WHERE = """
            select n.nspname, has_table_privilege(c.oid, 'SELECT') and has_schema_privilege(n.oid, 'USAGE')
              from pg_class c join pg_namespace n on n.oid = c.relnamespace
             where c.relname = 'part_config' and c.relkind = 'r'
               and (select count(*) from pg_attribute a where a.attrelid = c.oid
                     and a.attname in ('parent_table', 'control', 'partition_interval', 'premake') and not a.attisdropped) = 4""";

    private PartmanTables() {}

    /** @throws OperatorException when the role may not see which they are */
    static Set<TableName> read(Session session) throws SQLException {
        record Place(String schema, boolean readable) {}
        Set<TableName> found = new HashSet<>();
        for (Place place : session.list(WHERE, row -> new Place(row.getString(1), row.getBoolean(2)))) {
            String schema = Identifiers.quote(place.schema());
            if (!place.readable()) {
                String user = Identifiers.quote(session.database().settings().user());
                throw new OperatorException(
                        "pg_partman looks after tables of database '"
                                + session.database().name() + "', and role " + user + " may not see which",
                        "GRANT USAGE ON SCHEMA " + schema + " TO " + user + "; GRANT SELECT ON " + schema
                                + ".part_config TO " + user + ";");
            }
            // It writes names without quotes, so that the first dot is the one between schema and table.
            List<String[]> names = session.listVerbatim(
                    "select split_part(parent_table, '.', 1), substr(parent_table, strpos(parent_table, '.') + 1) from "
                            + schema + ".part_config",
                    row -> new String[] {row.getString(1), row.getString(2)});
            for (String[] name : names) {
                if (!name[0].isEmpty() && !name[1].isEmpty()) {
                    found.add(new TableName(name[0], name[1]));
                }
            }
        }
        return found;
    }
}
