package io.watchkeeper.toolkit.copy;

import io.watchkeeper.postgres.TableName;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What {@link WorkerBench} found. */
public final class WorkerBenchResult {

    private final TableName table;
    private final String from;
    private final String to;
    private final List<WorkerMeasurement> measured;
    private final WorkerAdvice advice;
    private final long batch;
    private final List<String> notes;

    /**
     * @param measured for each number of workers from 1 on, over both rounds
     * @param batch rows of a chunk
     * @param notes what an operator should know about how it was measured; may be empty
     */
    WorkerBenchResult(
            TableName table,
            String from,
            String to,
            List<WorkerMeasurement> measured,
            WorkerAdvice advice,
            long batch,
            List<String> notes) {
        this.table = table;
        this.from = from;
        this.to = to;
        this.measured = List.copyOf(measured);
        this.advice = advice;
        this.batch = batch;
        this.notes = List.copyOf(notes);
    }

    /** The recommended number of workers. */
    public int workers() {
        return advice.workers();
    }

    /** The recommendation as a line of a runbook, for example {@code workers 3}. */
    public String line() {
        return advice.line();
    }

    /** Why, in a sentence. */
    public String reason() {
        return advice.reason();
    }

    /** How many different numbers of workers were measured. */
    public int size() {
        return measured.size();
    }

    /** The result as it stands in the run document. */
    public Map<String, Object> fields() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("table", table.toString());
        fields.put("from", from);
        fields.put("to", to);
        fields.put("batch", batch);
        fields.put(
                "measured",
                measured.stream().map(one -> one.fields(measured.get(0))).toList());
        fields.put("workers", workers());
        fields.put("line", line());
        fields.put("reason", reason());
        fields.put("text", line() + ": " + reason());
        fields.put("notes", notes);
        return fields;
    }
}
