package io.watchkeeper.toolkit.backup;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.TableName;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What a table's rows add up to, whatever their order: equal sets of rows have equal digests.
 *
 * @param rows how many there are
 * @param sum of two hashes of each row, 64 bits each
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record TableDigest(long rows, String sum) {

    /**
     * Reads a table without its partitions and children, in the session's transaction. Values are read as text, and columns in the order
     * of their names: a restored child of another table may have them in another order.
     */
    static TableDigest read(Session session, TableName table) throws SQLException {
        List<String> columns = session.list("""
                select attname from pg_attribute
                 where attrelid = (select c.oid from pg_class c join pg_namespace n on n.oid = c.relnamespace
                                    where n.nspname = ? and c.relname = ?)
                   and attnum > 0 and not attisdropped order by attname COLLATE "C\"""", row -> row.getString(1), table.schema(), table.name());
        String row =
                columns.stream().map(column -> "w." + Identifiers.quote(column)).collect(Collectors.joining(", "));
        return session.oneVerbatim(
                """
                select count(*), coalesce(sum(hashtextextended(t, 0)::numeric), 0) || ' ' ||
                       coalesce(sum(hashtextextended(t, 1)::numeric), 0)
                  from (select ROW(%s)::text COLLATE "C" as t from only %s w) r""".formatted(row, table.quoted()), found -> new TableDigest(found.getLong(1), found.getString(2)));
    }

    /** What makes the same values the same texts on every server; holds until the transaction ends. */
    static void pinSettings(Session session) throws SQLException {
        session.query("""
                select set_config('datestyle', 'ISO, YMD', true), set_config('intervalstyle', 'postgres', true),
                       set_config('extra_float_digits', '3', true), set_config('bytea_output', 'hex', true),
                       set_config('lc_monetary', 'C', true), set_config('xmloption', 'content', true),
                       set_config('timezone', 'UTC', true), set_config('row_security', 'off', true),
                       set_config('search_path', 'pg_catalog', true), set_config('quote_all_identifiers', 'off', true),
                       set_config('idle_in_transaction_session_timeout', '0', true),
                       set_config('tcp_user_timeout', '0', true)""");
    }
}
