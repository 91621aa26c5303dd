package io.watchkeeper.toolkit.remedy;

import io.watchkeeper.units.DurationText;
import io.watchkeeper.units.Secret;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A session of a standby that may hold replay up.
 *
 * @param began when its process began, as the server writes it: numbers of processes come again
 * @param state as in pg_stat_activity
 * @param forHowLong its transaction has been open
 * @param relation that it has locked; empty where it holds rows
 */
public record Blocker(
        int pid,
        String began,
        String user,
        String application,
        String state,
        Duration forHowLong,
        String query,
        String relation) {

    private static final int QUERY_SHOWN = 120;

    /** For {@link #read}, of pg_stat_activity as {@code a}. */
    static final String COLUMNS = """
            a.pid, a.backend_start::text, coalesce(a.usename, ''), coalesce(a.application_name, ''), coalesce(a.state, ''),
            greatest(0, coalesce(extract(epoch from clock_timestamp() - a.xact_start), 0))::float8, coalesce(a.query, '')""";

    /** The columns above, and the relation as the eighth. */
    static Blocker read(ResultSet row) throws SQLException {
        return new Blocker(
                row.getInt(1),
                row.getString(2),
                row.getString(3),
                row.getString(4),
                row.getString(5),
                Duration.ofMillis((long) (row.getDouble(6) * 1000)),
                shown(row.getString(7)),
                row.getString(8));
    }

    private static String shown(String query) {
        String line = Secret.redact(query).strip().replaceAll("\\s+", " ");
        return line.length() <= QUERY_SHOWN ? line : line.substring(0, QUERY_SHOWN) + "…";
    }

    /** Whether a request to cancel reaches a running statement; what sits in an open transaction only ends with its session. */
    boolean isRunning() {
        return state.equals("active");
    }

    String words() {
        return "pid " + pid + " (" + user + (application.isEmpty() ? "" : ", " + application) + ") "
                + (isRunning() ? "runs" : state + " after") + " \"" + query + "\" for " + DurationText.say(forHowLong)
                + (relation.isEmpty() ? "" : " and has locked " + relation);
    }

    Map<String, Object> fields() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("pid", pid);
        fields.put("user", user);
        fields.put("application", application);
        fields.put("state", state);
        fields.put("seconds", forHowLong.toSeconds());
        fields.put("query", query);
        if (!relation.isEmpty()) {
            fields.put("relation", relation);
        }
        return fields;
    }
}
