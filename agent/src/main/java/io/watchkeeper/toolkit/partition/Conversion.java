package io.watchkeeper.toolkit.partition;

import io.watchkeeper.postgres.LockLevel;
import io.watchkeeper.postgres.TableName;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The statements that make a plain table a partitioned one without copying a row: all that is there becomes its first partition. Steps are
 * to be run in their order; each says what it locks.
 *
 * @param steps in order
 * @param before the moment by which the last step must be done, because from then on rows would belong elsewhere
 * @param changes what will be other than before, and is to be known first
 */
public record Conversion(TableName table, List<Step> steps, Instant before, List<String> changes) {

    public Conversion {
        steps = List.copyOf(steps);
        changes = List.copyOf(changes);
    }

    /**
     * One step, in a transaction of its own.
     *
     * @param what it is for, in a sentence
     * @param sql one statement or several; those of several are one transaction
     * @param lock the strongest lock it takes on a table that is in use
     */
    public record Step(String what, String sql, LockLevel lock) {}

    /** A transaction of several statements is announced as a moment: it gives up rather than keep others waiting. */
    private static final String BEGIN =
            "BEGIN;\nSET LOCAL lock_timeout = '1s';\nSET LOCAL statement_timeout = '10s';\n";

    /** As a script for psql, with all that is to be known in comments. */
    public String text() {
        StringBuilder text = new StringBuilder("-- Makes " + table + " a partitioned table, in " + steps.size()
                + " steps. All of them must be done before " + before + ".\n");
        changes.forEach(change -> text.append("-- Note: ").append(change).append('\n'));
        text.append(
                "-- A step that fails changes nothing, and the ones behind it are not done: run the rest again from there,"
                        + " and where an index was not done from the step before, which removes what is left of it.\n");
        text.append("\\set ON_ERROR_STOP on\n");
        int number = 1;
        for (Step step : steps) {
            text.append("\n-- ")
                    .append(number++)
                    .append(". ")
                    .append(step.what())
                    .append(" (lock: ");
            text.append(step.lock()).append(")\n");
            boolean several = step.sql().contains(";\n");
            // What waits for its lock has everybody else wait behind it.
            boolean moment = !several && step.lock() == LockLevel.ACCESS_EXCLUSIVE;
            text.append(several ? BEGIN : moment ? "SET lock_timeout = '1s';\n" : "");
            text.append(step.sql()).append(";\n");
            text.append(several ? "COMMIT;\n" : moment ? "RESET lock_timeout;\n" : "");
        }
        return text.toString();
    }

    /** The plan as it stands in the run document. */
    public Map<String, Object> fields() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("table", table.toString());
        fields.put("before", before.toString());
        fields.put("changes", changes);
        fields.put("statements", steps.stream().map(Step::sql).toList());
        fields.put("text", text());
        return fields;
    }
}
