package io.watchkeeper.toolkit.failover;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A line of pg_hba.conf, as the server reads it.
 *
 * @param place file and line
 * @param type {@code local}, {@code host}, {@code hostssl} and so on; empty for a line with an error
 * @param address with its mask; empty for {@code local}
 * @param error what is wrong with the line; null when nothing is
 */
record HbaRule(
        String place,
        String type,
        List<String> databases,
        List<String> users,
        String address,
        String mask,
        String method,
        List<String> options,
        @Nullable String error) {

    /** Of PostgreSQL 15 and older, which read one file only. */
    static final String SQL = """
            select line_number, coalesce(type, ''), database, user_name, coalesce(address, ''), coalesce(netmask, ''),
                   coalesce(auth_method, ''), options, error, 'pg_hba.conf'
              from pg_hba_file_rules""";

    /** Lines can be included from other files since 16. */
    static final String SQL_16 = SQL.replace("'pg_hba.conf'", "file_name");

    private static final Set<String> EVERYBODY = Set.of("0.0.0.0", "::", "all");

    static HbaRule read(ResultSet row) throws SQLException {
        String file = row.getString(10);
        return new HbaRule(
                file.substring(file.lastIndexOf('/') + 1) + ":" + row.getInt(1),
                row.getString(2),
                texts(row, 3),
                texts(row, 4),
                row.getString(5),
                row.getString(6),
                row.getString(7),
                texts(row, 8),
                row.getString(9));
    }

    private static List<String> texts(ResultSet row, int column) throws SQLException {
        java.sql.@Nullable Array array = row.getArray(column);
        return array == null ? List.of() : Arrays.asList((String[]) array.getArray());
    }

    boolean isLocal() {
        return type.equals("local");
    }

    /** Whether only this host itself can match it. */
    boolean staysOnHost() {
        return isLocal()
                || address.startsWith("127.")
                || address.equals("::1")
                || address.equals("samehost")
                || address.equals("localhost");
    }

    /** Whether a client without TLS can match it. */
    boolean takesPlaintext() {
        return type.equals("host") || type.equals("hostnossl") || type.equals("hostnogssenc");
    }

    boolean takesEveryAddress() {
        return EVERYBODY.contains(address) && (mask.isEmpty() || EVERYBODY.contains(mask));
    }

    boolean takesEverybody() {
        return users.contains("all") && databases.contains("all");
    }

    /** Whether a certificate proves who it is, whatever the method. */
    boolean needsCertificate() {
        return method.equals("cert")
                || options.stream().anyMatch(o -> o.startsWith("clientcert=verify") || o.equals("clientcert=1"));
    }

    /** As it stands in the file, shortened. */
    String text() {
        String where = isLocal() ? "" : " " + address + (mask.isEmpty() ? "" : "/" + prefix());
        return type + " " + String.join(",", databases) + " " + String.join(",", users) + where + " " + method;
    }

    /** The mask as a number of bits where it is one of IPv4. */
    private String prefix() {
        String[] parts = mask.split("\\.");
        if (parts.length != 4) {
            return mask;
        }
        return String.valueOf(Arrays.stream(parts)
                .mapToInt(part -> Integer.bitCount(Integer.parseInt(part)))
                .sum());
    }

    Map<String, Object> evidence() {
        Map<String, Object> evidence = new LinkedHashMap<>();
        evidence.put("place", place);
        evidence.put("line", text());
        return evidence;
    }
}
