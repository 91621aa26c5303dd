package io.watchkeeper.toolkit.pitr;

import io.watchkeeper.postgres.Lsn;
import io.watchkeeper.postgres.PgBinaries;
import io.watchkeeper.postgres.PgCommand;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What {@code pg_controldata} says of a data directory.
 *
 * @param values by their English labels
 */
record ControlData(Map<String, String> values) {

    /** Recovery refuses to go on with less than the primary had of these. Label to setting. */
    private static final Map<String, String> AT_LEAST = Map.of(
            "max_connections setting", "max_connections",
            "max_worker_processes setting", "max_worker_processes",
            "max_wal_senders setting", "max_wal_senders",
            "max_prepared_xacts setting", "max_prepared_transactions",
            "max_locks_per_xact setting", "max_locks_per_transaction");

    /** What a data directory says of itself. */
    static ControlData of(PgBinaries programs, Path data, Work work) {
        return parse(PgCommand.of(programs.program("pg_controldata"), data.toString())
                .run(work)
                .output());
    }

    static ControlData parse(String output) {
        Map<String, String> values = new LinkedHashMap<>();
        output.lines().forEach(line -> {
            int colon = line.indexOf(':');
            if (colon > 0) {
                values.put(
                        line.substring(0, colon).strip(),
                        line.substring(colon + 1).strip());
            }
        });
        return new ControlData(values);
    }

    /** Settings that have to be at least so large, or recovery stops with an error. */
    Map<String, Integer> leastSettings() {
        Map<String, Integer> least = new LinkedHashMap<>();
        AT_LEAST.forEach((label, setting) -> {
            String value = values.get(label);
            if (value != null) {
                least.put(setting, Integer.parseInt(value));
            }
        });
        return least;
    }

    String systemId() {
        return value("Database system identifier");
    }

    long timeline() {
        return Long.parseLong(value("Latest checkpoint's TimeLineID"));
    }

    Lsn redo() {
        String text = value("Latest checkpoint's REDO location");
        return Lsn.parse(text).orElseThrow(() -> unreadable("REDO location '" + text + "'"));
    }

    private String value(String label) {
        String value = values.get(label);
        if (value == null) {
            throw unreadable("no line '" + label + "'");
        }
        return value;
    }

    private static OperatorException unreadable(String what) {
        return new OperatorException(
                "pg_controldata's answer cannot be read: " + what,
                "it must be of the server's own major version; see postgres.bin in the configuration.");
    }
}
