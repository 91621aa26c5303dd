package io.watchkeeper.toolkit.tenant;

import io.watchkeeper.postgres.Session;
import java.sql.SQLException;

/**
 * What rows add up to: equal sets of rows have equal sums.
 *
 * @param rows how many
 * @param sum of two hashes of each row, 64 bits each
 */
record RowSum(long rows, String sum) {

    static RowSum of(String text) {
        int blank = text.indexOf(' ');
        return new RowSum(Long.parseLong(text.substring(0, blank)), text.substring(blank + 1));
    }

    /** The sum at the end of a line that begins with a table's name. */
    static RowSum last(String line) {
        return of(line.substring(name(line).length() + 1));
    }

    /** The name at the beginning of such a line, which may hold blanks itself. */
    static String name(String line) {
        int end = line.length();
        for (int blanks = 0; blanks < 3; blanks++) {
            end = line.lastIndexOf(' ', end - 1);
        }
        return line.substring(0, end);
    }

    static RowSum read(Session session, TenantTable table) throws SQLException {
        return session.oneVerbatim("select " + table.digest(), row -> of(row.getString(1)));
    }

    /** What makes the same values the same texts also in a later session; holds until the session is closed. */
    static void pinSettings(Session session) throws SQLException {
        session.query("""
                select set_config('datestyle', 'ISO, YMD', false), set_config('intervalstyle', 'postgres', false),
                       set_config('extra_float_digits', '3', false), set_config('bytea_output', 'hex', false),
                       set_config('timezone', 'UTC', false), set_config('lc_monetary', 'C', false),
                       set_config('xmloption', 'content', false), set_config('row_security', 'off', false)""");
    }

    @Override
    public String toString() {
        return rows + " " + sum;
    }
}
